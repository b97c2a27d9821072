import { RESERVED, reservedPath } from '../cards/card.ts';
import type { CardContent } from '../cards/content.ts';
import { seededRandom } from '../random.ts';
import { writeText } from '../spacepack/grammar.ts';
import type { Scenario } from './scenario.ts';
import { linesOf, rewriteLines, rewriteValue } from './tamper.ts';

const INFO = reservedPath(RESERVED.info);

/** Somebody has put another INFO.TXT on the card, once the device was ready. */
function hostile(name: string, title: string, code: string, does: (card: CardContent) => void): Scenario {
  const troubles = [{ at: 'ready', visits: [1], does: ({ card }: { card: CardContent }) => does(card) }] as const;
  return { name: `info-${name}`, title, devices: [{ troubles }], expected: { verdict: 'refused', code } };
}

function infoOf(card: CardContent): Uint8Array {
  return card.read(INFO) ?? new Uint8Array();
}

/** INFO.TXT as a hostile card may hold it (protocol §10.6). */
export const hostileInfos: readonly Scenario[] = [
  hostile('huge', 'INFO.TXT is 5 MB long.', 'info-malformed', (card) => {
    card.write(INFO, Buffer.concat(Array.from({ length: 5_000 }, () => infoOf(card))));
  }),
  hostile('too-long', 'INFO.TXT is right in every way, but one byte longer than allowed.', 'info-malformed', (card) => {
    card.write(
      INFO,
      writeText(
        linesOf(card, RESERVED.info).filter(([key]) => key !== 'pad'),
        4_097,
      ),
    );
  }),
  hostile('binary', 'INFO.TXT holds random bytes.', 'info-malformed', (card) => {
    card.write(INFO, seededRandom('hostile')(1_024));
  }),
  hostile('empty', 'INFO.TXT is empty.', 'info-malformed', (card) => card.write(INFO, new Uint8Array())),
  hostile('link', 'INFO.TXT is a link.', 'volume-foreign', (card) => card.writeForeign(INFO)),
  hostile('control-characters', 'INFO.TXT holds an escape sequence for terminals.', 'info-malformed', (card) => {
    rewriteValue(card, RESERVED.info, 'model', '\u001b[2JSpacePack');
  }),
  hostile('high-bytes', 'INFO.TXT holds bytes above 7E hex.', 'info-malformed', (card) => {
    rewriteValue(card, RESERVED.info, 'model', 'SpacePäck');
  }),
  hostile('repeated-key', 'INFO.TXT tells two serials.', 'info-malformed', (card) => {
    rewriteLines(card, RESERVED.info, (lines) => [...lines, ['SERIAL', 'SP00000001']]);
  }),
  hostile('missing-key', 'INFO.TXT does not tell the session.', 'info-malformed', (card) => {
    rewriteLines(card, RESERVED.info, (lines) => lines.filter(([key]) => key !== 'session'));
  }),
  hostile('bad-value', 'INFO.TXT tells a negative boot count.', 'info-malformed', (card) => {
    rewriteValue(card, RESERVED.info, 'boot-count', '-1');
  }),
  hostile('wrong-crc', 'INFO.TXT was changed without its CRC.', 'info-malformed', (card) => {
    card.write(
      INFO,
      Buffer.from(Buffer.from(infoOf(card)).toString('latin1').replace('Battery: 80', 'Battery: 99'), 'latin1'),
    );
  }),
  hostile(
    'wrong-serial',
    'The card was in another device: INFO.TXT tells that one’s serial.',
    'info-serial',
    (card) => {
      rewriteValue(card, RESERVED.info, 'serial', 'SP77777777');
    },
  ),
  hostile('wrong-model', 'INFO.TXT tells another model.', 'info-model', (card) => {
    rewriteValue(card, RESERVED.info, 'model', 'TimePack');
  }),
  {
    name: 'info-torn',
    title: 'INFO.TXT is torn at first and heals after some seconds.',
    devices: [
      {
        troubles: [
          {
            at: 'ready',
            visits: [1],
            does({ card, later }) {
              const whole = infoOf(card);
              card.write(INFO, whole.subarray(0, 600));
              later(6_000, () => card.write(INFO, whole));
            },
          },
        ],
      },
    ],
    expected: { verdict: 'applied', code: 'applied' },
  },
  {
    name: 'info-other-spelling',
    title: 'INFO.TXT mixes line ends, spells keys in other cases, and holds keys that nobody knows.',
    devices: [
      {
        troubles: [
          {
            at: 'ready',
            visits: [1],
            does({ card }) {
              rewriteLines(card, RESERVED.info, (lines) => [
                ['X-Colour', 'blue'],
                ...lines.map(([key, value], index) => [index % 2 === 0 ? key.toUpperCase() : key, value] as const),
              ]);
            },
          },
        ],
      },
    ],
    expected: { verdict: 'applied', code: 'applied' },
  },
];
