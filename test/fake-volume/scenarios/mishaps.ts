import { RESERVED, reservedPath } from '../cards/card.ts';
import type { MemoryDevice } from '../memory/device.ts';
import type { OperationFailure, Verb } from '../memory/operations.ts';
import { withFlippedBit } from '../spacepack/flip.ts';
import type { Ending, Scenario } from './scenario.ts';
import { changePayload } from './tamper.ts';

const APPLIED = { verdict: 'applied', code: 'applied' } as const;
const PAYLOAD = reservedPath(RESERVED.payload);
const TRIGGER = reservedPath(RESERVED.trigger);

/** Something happens the first time that this step of the host's work is about to take effect. */
function before(verb: Verb, path: string, happens: (device: MemoryDevice) => void): Pick<Scenario, 'onOperation'> {
  return {
    onOperation(operation, device) {
      if (operation.verb === verb && operation.path === path && operation.visit === 1) happens(device);
    },
  };
}

function wiggle(device: MemoryDevice): void {
  device.unplug();
  device.plug();
}

/** A step of the host's work fails, for good or the first time only. */
function failing(name: string, title: string, failure: OperationFailure, expected?: Ending): Scenario {
  return { name, title, failures: [failure], expected: expected ?? { verdict: 'refused', code: failure.code } };
}

const once = { visits: [1] };

/** The device is unplugged at operation `number` of the port, from 1, and stays so. How that ends depends on the operation. */
export function unpluggedAt(number: number, expected: Ending): Scenario {
  return {
    name: `unplugged-at-${number}`,
    title: `The device is unplugged at operation ${number} of the host's work.`,
    onOperation(operation, device) {
      if (operation.number === number) device.unplug();
    },
    expected,
    again: APPLIED,
  };
}

/** What happens to the host's own work. Only worlds in memory can play these. */
export const mishaps: readonly Scenario[] = [
  {
    name: 'unplugged-while-staging',
    title: 'The device is unplugged while the payload is written.',
    ...before('fsync', PAYLOAD, (device) => device.unplug()),
    expected: { verdict: 'refused', code: 'volume-gone' },
    again: APPLIED,
  },
  {
    name: 'cable-wiggle-while-staging',
    title: 'The cable loses contact for a moment while the payload is written.',
    ...before('fsync', PAYLOAD, wiggle),
    expected: { verdict: 'refused', code: 'volume-gone' },
    again: APPLIED,
  },
  {
    name: 'unplugged-while-committing',
    title: 'The device is unplugged before the trigger reaches it, and is not seen again.',
    ...before('fsync', TRIGGER, (device) => device.unplug()),
    expected: { verdict: 'indeterminate', code: 'never-returned' },
    again: APPLIED,
  },
  {
    name: 'cable-wiggle-while-committing',
    title: 'The cable loses contact when the trigger is about to reach the device.',
    ...before('fsync', TRIGGER, wiggle),
    expected: APPLIED,
  },
  {
    name: 'cable-wiggle-after-the-commit',
    title: 'The cable loses contact when the trigger has reached the device; the battery alone suffices.',
    ...before('close', TRIGGER, wiggle),
    expected: APPLIED,
  },
  failing('payload-io', 'Writing the payload fails.', { verb: 'fsync', path: PAYLOAD, code: 'volume-io' }),
  failing('payload-stalled', 'The device stops answering while the payload is written.', {
    verb: 'fsync',
    path: PAYLOAD,
    code: 'volume-stalled',
  }),
  failing('no-permission', 'The system does not let the host read the volume.', {
    verb: 'read',
    code: 'volume-permission',
  }),
  failing('no-permission-to-write', 'The system does not let the host write to the volume.', {
    verb: 'create',
    code: 'volume-permission',
  }),
  {
    ...failing(
      'trigger-lost',
      'Writing the trigger fails, and it never reaches the device.',
      { verb: 'chunk', path: TRIGGER, code: 'volume-io' },
      { verdict: 'refused', code: 'trigger-not-written' },
    ),
  },
  failing(
    'trigger-written-with-an-error',
    'Writing the trigger reports an error, and yet it has reached the device.',
    { verb: 'close', path: TRIGGER, ...once, code: 'volume-io' },
    APPLIED,
  ),
  {
    name: 'readback-differs',
    title: 'A bit of the payload flips on the card before it is read back.',
    ...before('read-back', PAYLOAD, ({ card }) => changePayload(card, withFlippedBit)),
    expected: { verdict: 'refused', code: 'readback-differs' },
    again: APPLIED,
  },
  {
    ...failing('cannot-mount', 'Nobody mounts the volume, and the host is not allowed to.', {
      verb: 'mount',
      code: 'volume-not-mounted',
    }),
    host: 'headless',
  },
  {
    ...failing(
      'cannot-mount-again',
      'Nobody mounts the volume after the return, and the host is not allowed to any more.',
      { verb: 'mount', visits: [2, 3, 4, 5, 6, 7, 8], code: 'volume-not-mounted' },
      { verdict: 'indeterminate', code: 'returned-unmounted' },
    ),
    host: 'headless',
  },
  {
    name: 'late-entries',
    title: 'An fsync that takes long leaves entries of size 0 on the card, until that of the folder.',
    lateEntries: true,
    expected: APPLIED,
  },
  {
    name: 'slow-looks',
    title: 'Each look at the drives takes three seconds.',
    listMs: 3_000,
    expected: APPLIED,
  },
  {
    name: 'failing-look',
    title: 'The first look at the drives fails.',
    failingLists: 1,
    expected: { verdict: 'refused', code: 'listing-failed' },
    again: APPLIED,
  },
];
