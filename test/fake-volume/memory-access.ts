import { SpacepackError } from '../../src/protocol/errors.ts';
import type { MountedVolume } from '../../src/protocol/sight.ts';
import type { Medium } from './medium.ts';
import type { MemoryHost } from './memory-host.ts';
import {
  type OnOperation,
  type Operation,
  type OperationFailure,
  strikes,
  USUAL_COSTS,
  type Verb,
} from './operations.ts';
import { attachmentName, type LiveMount, type Seat } from './seat.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** A seat whose volume is mounted. */
export type Held = Seat & { readonly mount: LiveMount; readonly medium: Medium };

/** Operations on mounted volumes: each is counted, takes its time, and asserts the mount before it takes effect. */
export interface Access {
  /** Counts an operation that needs no mount. */
  take(serial: string, verb: Verb, path: string | null): Promise<void>;
  /** Rejects with `volume-gone` if the mount is not the same mount of the same attachment any more. */
  on(volume: MountedVolume, verb: Verb, path: string | null): Promise<Held>;
  /** As `on`; rejects with `volume-read-only` too. */
  forWriting(volume: MountedVolume, verb: Verb, path: string): Promise<Held>;
}

export function createAccess(
  host: MemoryHost,
  clock: VirtualClock,
  onOperation: OnOperation,
  failures: readonly OperationFailure[],
): Access {
  const visits = new Map<string, number>();
  let operations = 0;

  const take: Access['take'] = async (serial, verb, path) => {
    operations += 1;
    const key = `${serial} ${verb} ${path}`;
    const visit = (visits.get(key) ?? 0) + 1;
    visits.set(key, visit);
    const operation: Operation = { number: operations, verb, serial, path, visit };
    await onOperation(operation);
    host.observe();
    const failure = failures.find((candidate) => strikes(candidate, operation));
    if (failure !== undefined) {
      throw new SpacepackError(failure.code, `Expected ${verb} to succeed, found that it fails on purpose.`);
    }
    await clock.sleep(USUAL_COSTS[verb]);
  };
  const on: Access['on'] = async (volume, verb, path) => {
    const { firmware } = requireHeld(host, volume);
    await take(firmware.settings.serial, verb, path);
    return requireHeld(host, volume);
  };
  return {
    take,
    on,
    async forWriting(volume, verb, path) {
      const seat = await on(volume, verb, path);
      if (!seat.mount.readOnly) return seat;
      throw new SpacepackError('volume-read-only', `Expected to write ${path}, found a read-only volume.`);
    },
  };
}

function requireHeld(host: MemoryHost, { drive, mount }: MountedVolume): Held {
  host.observe();
  const seat = host.seats.find((candidate) => candidate.isSeen && attachmentName(candidate) === drive.attachment);
  const { mount: live = null, medium = null } = seat ?? {};
  if (seat === undefined || live === null || medium === null || live.id !== mount.id) {
    const found = live?.id ?? 'no mount';
    throw new SpacepackError('volume-gone', `Expected ${mount.id} of ${drive.attachment}, found ${found}.`);
  }
  return { ...seat, mount: live, medium };
}
