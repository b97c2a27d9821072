import { RESERVED, reservedPath } from '../cards/card.ts';
import { buildImage, testKeyPair } from '../spacepack/image/build.ts';
import type { Trouble, Victim } from '../spacepack/trouble.ts';
import type { Scenario } from './scenario.ts';
import { rewriteValue } from './tamper.ts';

const APPLIED = { verdict: 'applied', code: 'applied' } as const;
const STRANGER = testKeyPair('a stranger');

function indeterminate(code: string): Scenario['expected'] {
  return { verdict: 'indeterminate', code };
}

/** The device's journal is gone, and so is the trigger, as after a repair. */
function forget({ firmware, card }: Victim): void {
  firmware.memory.journal[0] = null;
  firmware.memory.journal[1] = null;
  card.remove(reservedPath(RESERVED.trigger));
  card.remove(reservedPath(RESERVED.payload));
}

/** STATUS.TXT is cut short when the host first sees it after the return; whole again after `healMs`, if that is given. */
function tornStatus(healMs?: number): Trouble {
  return {
    at: 'ready',
    visits: [2],
    does({ card, later }) {
      const whole = card.read(reservedPath(RESERVED.status)) ?? new Uint8Array();
      card.write(reservedPath(RESERVED.status), whole.subarray(0, 700));
      if (healMs !== undefined) later(healMs, () => card.write(reservedPath(RESERVED.status), whole));
    },
  };
}

/** What a host finds, or does not find, after the commit. */
export const returns: readonly Scenario[] = [
  {
    name: 'never-leaves',
    title: 'The device hangs and stays on the bus.',
    devices: [{ troubles: [{ at: 'look', outcome: 'hang' }] }],
    expected: indeterminate('never-left'),
  },
  {
    name: 'never-quiet',
    title: 'Another program holds the volume and writes to it all the time, so that the device must not leave.',
    devices: [{ heldBy: 'a backup program', busyEveryMs: 300 }],
    expected: indeterminate('never-left'),
  },
  {
    name: 'never-returns',
    title: 'The device leaves and hangs before it attaches again.',
    devices: [{ troubles: [{ at: 'attach', visits: [2], outcome: 'hang' }] }],
    expected: indeterminate('never-returned'),
  },
  {
    name: 'returns-as-bootloader',
    title: 'The device loses its application and its journal, and comes back as a bootloader that knows nothing.',
    devices: [
      {
        troubles: [
          {
            at: 'program',
            visits: [1],
            outcome: 'lose-power',
            does(victim) {
              forget(victim);
              victim.later(1_000, victim.firmware.restorePower);
            },
          },
        ],
      },
    ],
    expected: indeterminate('returned-bootloader'),
    again: APPLIED,
  },
  {
    name: 'returns-as-another',
    title: 'The device loses its journal, and comes back with an image that nobody of this run knows.',
    devices: [
      {
        troubles: [
          {
            at: 'check',
            visits: [1],
            does(victim) {
              forget(victim);
              victim.firmware.memory.flash = buildImage({ version: { major: 1, minor: 5 } });
              victim.firmware.memory.flashState = 'confirmed';
            },
          },
        ],
      },
    ],
    expected: indeterminate('returned-other'),
    again: APPLIED,
  },
  {
    name: 'contradiction',
    title: 'The device says `applied` and runs an image that is not the one of the payload.',
    devices: [
      {
        troubles: [
          {
            at: 'check',
            visits: [1],
            does({ firmware }) {
              firmware.memory.flash = buildImage({ version: { major: 1, minor: 5 } });
            },
          },
        ],
      },
    ],
    expected: indeterminate('contradiction'),
    again: APPLIED,
  },
  {
    name: 'not-applied',
    title: 'The device resets instead of acting, and somebody removes the trigger meanwhile, twice.',
    devices: [{ troubles: [{ at: 'leave', visits: [1, 2], outcome: 'fail', does: forget }] }],
    expected: { verdict: 'failed', code: 'not-applied' },
    again: APPLIED,
  },
  {
    name: 'damaged-card',
    title: 'The card is damaged while the device installs, so that the device does not write to it any more.',
    devices: [{ troubles: [{ at: 'away', does: ({ card }) => card.damage() }] }],
    expected: indeterminate('returned-stale'),
  },
  {
    name: 'stale-status',
    title: 'STATUS.TXT is of an earlier boot after the return, but the new image runs.',
    devices: [
      {
        troubles: [
          { at: 'ready', visits: [2], does: ({ card }) => rewriteValue(card, RESERVED.status, 'boot-count', '1') },
        ],
      },
    ],
    expected: APPLIED,
  },
  {
    name: 'stale-status-of-a-refusal',
    title: 'STATUS.TXT is of an earlier boot after the return, and the old image runs.',
    devices: [
      {
        troubles: [
          { at: 'ready', visits: [2], does: ({ card }) => rewriteValue(card, RESERVED.status, 'boot-count', '1') },
        ],
      },
    ],
    image: { key: STRANGER },
    expected: indeterminate('no-answer'),
  },
  {
    name: 'torn-status',
    title: 'STATUS.TXT is torn after the return and heals after some seconds; it says that the image was refused.',
    devices: [{ troubles: [tornStatus(3_000)] }],
    image: { key: STRANGER },
    expected: { verdict: 'rejected', code: 'rejected-signature' },
  },
  {
    name: 'torn-status-for-ever',
    title: 'STATUS.TXT is torn after the return and stays so; the old image runs.',
    devices: [{ troubles: [tornStatus()] }],
    image: { key: STRANGER },
    expected: indeterminate('no-answer'),
  },
  {
    name: 'pulled-after-the-commit',
    title:
      'The cable is pulled as soon as the trigger is on the card; the battery is enough, and it is plugged in later.',
    devices: [
      {
        troubles: [
          {
            at: 'look',
            visits: [1],
            does({ firmware, later }) {
              firmware.unplug();
              later(20_000, firmware.plug);
            },
          },
        ],
      },
    ],
    expected: APPLIED,
  },
];
