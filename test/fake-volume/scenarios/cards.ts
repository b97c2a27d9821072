import { RESERVED, reservedPath } from '../cards/card.ts';
import type { CardOptions } from '../cards/facts.ts';
import type { Trouble, Victim } from '../spacepack/trouble.ts';
import type { Scenario } from './scenario.ts';

function refused(code: string): Scenario['expected'] {
  return { verdict: 'refused', code };
}

function withCard(name: string, title: string, code: string, card: CardOptions | null): Scenario {
  return { name, title, devices: [{ card }], expected: refused(code) };
}

/** Something is done to the card once the device is ready for the first time. */
function onceReady(does: (victim: Victim) => void): Trouble {
  return { at: 'ready', visits: [1], does };
}

/** Cards and images that a host must refuse before it writes anything (protocol §1.2). */
export const cards: readonly Scenario[] = [
  withCard('no-card', 'There is no card in the device.', 'card-missing', null),
  withCard('gpt', 'The card has a GPT.', 'card-gpt', { scheme: 'gpt' }),
  withCard('no-partition-table', 'The card has a file system without a partition table.', 'card-no-partition-table', {
    scheme: 'none',
  }),
  withCard('exfat', 'The card holds exFAT.', 'card-file-system', { fileSystem: 'exfat' }),
  withCard('full', 'No space is left on the card.', 'volume-full', { freeBytes: 0 }),
  withCard('almost-full', 'There is room for half of the payload.', 'volume-full', { freeBytes: 12_000 }),
  withCard('read-only', 'The lock switch of the card is on.', 'volume-read-only', { writeProtected: true }),
  {
    name: 'no-info',
    title: 'INFO.TXT was deleted.',
    devices: [{ troubles: [onceReady(({ card }) => card.remove(reservedPath(RESERVED.info)))] }],
    expected: refused('info-missing'),
  },
  {
    name: 'no-status',
    title: 'STATUS.TXT was deleted.',
    devices: [{ troubles: [onceReady(({ card }) => card.remove(reservedPath(RESERVED.status)))] }],
    expected: refused('info-missing'),
  },
  {
    name: 'foreign-payload',
    title: 'Something that is no file has the name of the payload.',
    devices: [{ troubles: [onceReady(({ card }) => card.writeForeign(reservedPath(RESERVED.payload)))] }],
    expected: refused('volume-foreign'),
  },
  {
    name: 'unknown-protocol',
    title: 'The device speaks version 2 of the protocol.',
    devices: [{ settings: { protocol: 2 } }],
    expected: refused('protocol-unknown'),
  },
  {
    name: 'low-battery',
    title: 'The battery is lower than an install needs.',
    devices: [{ battery: 12 }],
    expected: refused('battery-low'),
  },
  {
    name: 'downgrade',
    title: 'The image is older than what runs.',
    image: { version: { major: 0, minor: 9 } },
    expected: refused('image-downgrade'),
  },
  {
    name: 'rollback',
    title: "The image's security counter is below the floor of the device.",
    devices: [{ securityFloor: 4 }],
    image: { securityCounter: 3 },
    expected: refused('image-rollback'),
  },
  {
    name: 'other-product',
    title: 'The image is for another product.',
    image: { productId: 0x2222 },
    expected: refused('image-wrong-device'),
  },
  {
    name: 'other-hardware',
    title: 'The image is for another hardware revision.',
    image: { bcdDevice: 0x0200 },
    expected: refused('image-wrong-hardware'),
  },
  {
    name: 'too-large',
    title: 'The image is larger than the device takes.',
    devices: [{ settings: { maxPayloadBytes: 10_000 } }],
    expected: refused('image-too-large'),
  },
];
