import { RESERVED, reservedPath } from '../cards/card.ts';
import { buildPayload } from '../spacepack/image/build.ts';
import { buildInstallTrigger } from '../spacepack/trigger-build.ts';
import type { Victim } from '../spacepack/trouble.ts';
import type { Scenario } from './scenario.ts';
import { fieldOf } from './tamper.ts';

const APPLIED = { verdict: 'applied', code: 'applied' } as const;
const CURRENT = { verdict: 'unchanged', code: 'already-current' } as const;

/** So quick that it is gone for little more than the second that protocol §7.5 asks for. */
const QUICK = { attach: 10, away: 1_000, verify: 10, erase: 10, program: 10, start: 10, cardWrites: 5 };

/** Puts an intact trigger of the present session on the card, as another host would. */
function triggerOfAnotherHost({ card, firmware }: Victim, payload: Uint8Array): void {
  const trigger = {
    nonce: '0f'.repeat(16),
    serial: firmware.settings.serial,
    bootCount: firmware.memory.bootCount,
    session: fieldOf(card, RESERVED.info, 'session'),
  };
  card.write(reservedPath(RESERVED.payload), payload);
  card.write(reservedPath(RESERVED.trigger), buildInstallTrigger(trigger, payload));
}

/** Courses of an update that end well, whatever happens on the way. */
export const courses: readonly Scenario[] = [
  {
    name: 'healthy',
    title: 'The device takes the image, leaves, comes back with it, and says so.',
    expected: APPLIED,
    again: CURRENT,
  },
  {
    name: 'current',
    title: 'The device runs this very image already.',
    image: { version: { major: 1 } },
    expected: CURRENT,
  },
  {
    name: 'downgrade-allowed',
    title: 'The device is given an older version on purpose.',
    image: { version: { major: 0, minor: 9 } },
    allowDowngrade: true,
    expected: APPLIED,
  },
  {
    name: 'blink',
    title: 'The device is gone and back between two looks, and nothing tells of it.',
    devices: [{ settings: { durations: QUICK } }],
    manners: { configureMs: 5, volumeMs: 10, mountMs: 20, wakeUps: false },
    listMs: 1_500,
    expected: APPLIED,
  },
  {
    name: 'slow',
    title: 'The device needs almost two minutes to erase and program its flash memory.',
    devices: [{ settings: { durations: { erase: 50_000, program: 60_000 } } }],
    expected: APPLIED,
  },
  {
    name: 'elsewhere',
    title: 'The device comes back under another mount path, NAME 1.',
    devices: [{ troubles: [{ at: 'away', does: (victim) => victim.leaveMountFolder() }] }],
    expected: APPLIED,
  },
  {
    name: 'headless',
    title: 'Nobody mounts the volume, neither at the start nor after the return.',
    host: 'headless',
    expected: APPLIED,
    again: CURRENT,
  },
  {
    name: 'recovery',
    title: 'The device is in its bootloader, for no application runs.',
    devices: [{ runs: null }],
    expected: APPLIED,
    again: CURRENT,
  },
  {
    name: 'twins',
    title: 'Two devices have volumes of the same label, and one is chosen by its serial.',
    devices: [{}, {}],
    device: 'SP00000002',
    expected: APPLIED,
  },
  {
    name: 'twins-none-chosen',
    title: 'Two devices are there, and none was chosen.',
    devices: [{}, {}],
    expected: { verdict: 'refused', code: 'several-devices' },
  },
  {
    name: 'held-volume',
    title: 'Another program holds the volume, so the device waits for the longer window and leaves it dirty.',
    devices: [{ heldBy: 'a photo program' }],
    expected: APPLIED,
    again: CURRENT,
  },
  {
    name: 'left-dirty',
    title: 'The card was once pulled without being unmounted, so its dirty mark never goes away.',
    devices: [{ card: { dirty: true } }],
    expected: APPLIED,
  },
  {
    name: 'background-writer',
    title: 'Another program writes to the volume all the time, until it is unmounted.',
    devices: [{ busyEveryMs: 300 }],
    expected: APPLIED,
  },
  {
    name: 'junk',
    title: 'The card is full of `._` files, of leftovers, and of names that almost are those of the protocol.',
    devices: [{ card: { files: junk() } }],
    expected: APPLIED,
  },
  {
    name: 'stale-trigger',
    title: 'An intact trigger of an earlier session lies on the card.',
    devices: [
      {
        troubles: [
          {
            at: 'ready',
            visits: [1],
            does({ card, firmware: { settings, memory } }) {
              const { serial } = settings;
              const trigger = { nonce: '5a'.repeat(16), serial, bootCount: memory.bootCount, session: '00'.repeat(8) };
              card.write(reservedPath(RESERVED.trigger), buildInstallTrigger(trigger, new Uint8Array(64)));
            },
          },
        ],
      },
    ],
    expected: APPLIED,
  },
  {
    name: 'joined',
    title: 'Another host has committed the same image in this session, so that this one joins it.',
    devices: [
      { troubles: [{ at: 'ready', visits: [1], does: (victim) => triggerOfAnotherHost(victim, buildPayload()) }] },
    ],
    expected: APPLIED,
  },
  {
    name: 'busy-device',
    title: 'Another host has committed a newer image in this session; once that has ended, this one is the older.',
    devices: [
      {
        troubles: [
          {
            at: 'ready',
            visits: [1],
            does: (victim) => triggerOfAnotherHost(victim, buildPayload({ version: { major: 3 } })),
          },
        ],
      },
    ],
    expected: { verdict: 'refused', code: 'image-downgrade' },
  },
];

function junk(): ReadonlyMap<string, Uint8Array> {
  const some = Buffer.from('junk\n');
  return new Map([
    ['.DS_Store', some],
    ['._Notes.txt', some],
    ['.Spotlight-V100/store', some],
    ['System Volume Information/WPSettings.dat', some],
    ['UPDATE.TRG', some],
    ['SPACEPAK/._UPDATE.BIN', some],
    ['SPACEPAK/._UPDATE.TRG', some],
    ['SPACEPAK/.DS_Store', some],
    ['SPACEPAK/UPDATE.TRG.txt', some],
    ['SPACEPAK/UPDATE.BIN', some],
    ['SPACEPAK/update~1.trg', some],
    ['DCIM/100MEDIA/IMG_0001.JPG', Buffer.alloc(50_000, 7)],
  ]);
}
