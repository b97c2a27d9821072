import { RESERVED, reservedPath } from '../cards/card.ts';
import { crc32Hex } from '../spacepack/checksum.ts';
import { withFlippedBit } from '../spacepack/flip.ts';
import { testKeyPair } from '../spacepack/image/build.ts';
import type { Trouble, Victim } from '../spacepack/trouble.ts';
import type { Scenario } from './scenario.ts';
import { changePayload, onceTriggered, rewriteValue } from './tamper.ts';

const APPLIED = { verdict: 'applied', code: 'applied' } as const;

/** A refusal by the device, of what the host had no reason to refuse (protocol §6.3). */
function rejection(code: string, title: string, rest: Partial<Scenario>): Scenario {
  return { name: `rejected-${code}`, title, expected: { verdict: 'rejected', code: `rejected-${code}` }, ...rest };
}

/** A failure after the erase began; the same image installs at the second try (protocol §6.3). */
function failure(code: string, title: string, troubles: readonly Trouble[]): Scenario {
  const name = code === 'interrupted' ? code : `failed-${code}`;
  return {
    name,
    title,
    devices: [{ troubles }],
    expected: { verdict: 'failed', code: `failed-${code}` },
    again: APPLIED,
  };
}

/** The device, or its card, changes between the host's last look and the device's. */
function meanwhile(does: (victim: Victim) => void): Partial<Scenario> {
  return { devices: [{ troubles: [onceTriggered(does)] }] };
}

const STRANGER = testKeyPair('a stranger');

/** STATUS.TXT as a device of a later version writes it (protocol §11.1). */
function laterCode({ card }: Victim): void {
  rewriteValue(card, RESERVED.status, 'code', 'too-hot');
}

const rejections: readonly Scenario[] = [
  rejection('stale', 'The device resets whenever it has seen a trigger, so that the trigger is of another session.', {
    devices: [{ troubles: [{ at: 'leave', outcome: 'fail' }] }],
  }),
  rejection('other', 'The device refuses for a reason that only a later version of the protocol knows.', {
    image: { key: STRANGER },
    devices: [{ troubles: [{ at: 'ready', visits: [2], does: laterCode }] }],
  }),
  rejection(
    'trigger',
    'Another program rewrites the trigger, with a right CRC, into what the device cannot understand.',
    meanwhile(({ card }) => rewriteValue(card, RESERVED.trigger, 'allow-downgrade', 'maybe')),
  ),
  rejection(
    'length',
    'The payload loses its last byte before the device reads it.',
    meanwhile(({ card }) => changePayload(card, (payload) => payload.subarray(0, -1))),
  ),
  rejection(
    'crc',
    'A bit of the payload flips on the card before the device reads it.',
    meanwhile(({ card }) => changePayload(card, withFlippedBit)),
  ),
  rejection(
    'digest',
    'Another program changes the payload, and the CRC in the trigger too.',
    meanwhile(({ card }) => {
      changePayload(card, withFlippedBit);
      const payload = card.read(reservedPath(RESERVED.payload)) ?? new Uint8Array();
      rewriteValue(card, RESERVED.trigger, 'payload-crc32', crc32Hex(payload));
    }),
  ),
  rejection('signature', 'The image is signed with a key that the device does not trust.', {
    image: { key: STRANGER },
  }),
  rejection(
    'wrong-device',
    'Another program rewrites the trigger for another serial.',
    meanwhile(({ card }) => rewriteValue(card, RESERVED.trigger, 'serial', 'SP99999999')),
  ),
  rejection('wrong-hardware', 'The board is of another revision than the device tells.', {
    devices: [{ settings: { boardRevision: 0x0200 } }],
    image: { bcdDevice: 0x0100 },
  }),
  rejection(
    'rollback',
    'The security floor rises after INFO.TXT was written.',
    meanwhile(({ firmware }) => {
      firmware.memory.securityFloor = 7;
    }),
  ),
  rejection(
    'low-battery',
    'The battery runs down after INFO.TXT was written.',
    meanwhile(({ firmware }) => firmware.setBattery(5)),
  ),
  rejection('no-space', 'The flash memory is smaller than INFO.TXT tells.', {
    devices: [{ settings: { flashBytes: 1_000 } }],
  }),
];

const failures: readonly Scenario[] = [
  failure('other', 'The device fails for a reason that only a later version of the protocol knows.', [
    { at: 'erase', visits: [1], outcome: 'fail' },
    { at: 'ready', visits: [2], does: laterCode },
  ]),
  failure('flash', 'The flash memory reports an error while it is erased.', [
    { at: 'erase', visits: [1], outcome: 'fail' },
  ]),
  {
    ...failure('flash', 'The flash memory reports an error while it is programmed.', [
      { at: 'program', visits: [1], outcome: 'fail' },
    ]),
    name: 'failed-program',
  },
  failure('verify', 'The flash memory does not hold what was written.', [
    { at: 'check', visits: [1], outcome: 'fail' },
  ]),
  failure('did-not-start', 'The new image crashes in each of its three starts.', [
    { at: 'start', visits: [2, 3, 4], outcome: 'fail' },
  ]),
  failure('interrupted', 'All power is lost while the flash memory is programmed, and comes back later.', [
    {
      at: 'program',
      visits: [1],
      outcome: 'lose-power',
      does: ({ firmware, later }) => later(5_000, firmware.restorePower),
    },
  ]),
  failure('internal', 'The bootloader stops at a check of its own state.', [
    { at: 'finish', visits: [1], outcome: 'fail' },
  ]),
];

/** Trouble on the device that its own rules bring to a good end. */
const mended: readonly Scenario[] = [
  {
    name: 'resets-once',
    title: 'The device resets when it should act; the trigger is stale then, and the host starts over.',
    devices: [{ troubles: [{ at: 'leave', visits: [1], outcome: 'fail' }] }],
    expected: APPLIED,
  },
  {
    name: 'power-lost-before-the-erase',
    title: 'All power is lost while the device verifies the payload; nothing was erased, and the host starts over.',
    devices: [
      {
        troubles: [
          {
            at: 'accept',
            visits: [1],
            outcome: 'lose-power',
            does: ({ firmware, later }) => later(2_000, firmware.restorePower),
          },
        ],
      },
    ],
    expected: APPLIED,
  },
  {
    name: 'power-lost-before-the-start',
    title: 'All power is lost when the new image is complete and has not been started.',
    devices: [
      {
        troubles: [
          {
            at: 'check',
            visits: [1],
            outcome: 'lose-power',
            does: ({ firmware, later }) => later(2_000, firmware.restorePower),
          },
        ],
      },
    ],
    expected: APPLIED,
  },
  {
    name: 'starts-at-the-third-try',
    title: 'The new image crashes twice and starts at the third try.',
    devices: [{ troubles: [{ at: 'start', visits: [2, 3], outcome: 'fail' }] }],
    expected: APPLIED,
  },
];

/** Every answer that a device can give (protocol §6.3). */
export const answers: readonly Scenario[] = [...rejections, ...failures, ...mended];
