import { SpacepackError } from '../../../src/protocol/errors.ts';
import type { MountedVolume } from '../../../src/protocol/sight.ts';
import type { Medium } from '../cards/medium.ts';
import type { MemoryHost } from './host.ts';
import {
  LATE_MS,
  LIMITS_MS,
  type OnOperation,
  type Operation,
  type OperationFailure,
  strikes,
  USUAL_COSTS,
  type Verb,
} from './operations.ts';
import type { Process } from './process.ts';
import { attachmentName, type LiveMount, type Seat, type Slot } from './seat.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** A partition that is mounted, in its seat. */
export interface Held {
  readonly seat: Seat;
  readonly slot: Slot;
  readonly mount: LiveMount;
  readonly medium: Medium;
}

/** What is particular to one verb. */
export interface Doing {
  readonly verb: Verb;
  readonly path: string | null;
  /** When it gives up by itself if it hangs, in ms. */
  readonly limitMs?: number;
  /** Rejects with `volume-read-only` on such a mount. */
  readonly writes?: boolean;
  /** Of a mount: sets no dirty mark. */
  readonly readOnly?: boolean;
}

/**
 * Operations of one process: each is counted, takes its time, and asserts the mount before it takes effect. Where failures say
 * so they reject before or after the effect, or hang.
 */
export interface Access {
  /** An operation on a seat that need not be mounted. */
  onSeat<T>(seat: Seat, doing: Doing, effect: () => T): Promise<T>;
  /** Rejects with `volume-gone` if the mount is not the same mount of the same attachment any more. */
  on<T>(volume: MountedVolume, doing: Doing, effect: (held: Held) => T): Promise<T>;
}

/** How often each verb came, over all processes of the world. */
export interface Visits {
  operations: number;
  readonly of: Map<string, number>;
}

/** Half of these pass after the effect, so that an answer can be old when it is read. */
const ASKING: readonly Verb[] = ['entries', 'read', 'read-back', 'free-bytes'];

export function createAccess(
  host: MemoryHost,
  clock: VirtualClock,
  process: Process,
  visits: Visits,
  onOperation: OnOperation,
  failures: readonly OperationFailure[],
): Access {
  const count = (seat: Seat, { verb, path, readOnly }: Doing): Operation => {
    visits.operations += 1;
    const key = `${seat.index} ${verb} ${path}`;
    const visit = (visits.of.get(key) ?? 0) + 1;
    visits.of.set(key, visit);
    const { serial } = seat.device.settings;
    const operation = { number: visits.operations, verb, serial, device: seat.index, path, visit };
    return { ...operation, process: process.number, ...(readOnly === true && { readOnly }) };
  };
  const hang = async (doing: Doing, late: () => void): Promise<never> => {
    const { verb, limitMs = LIMITS_MS.other } = doing;
    clock.laterOnHost(limitMs + LATE_MS, late);
    await clock.sleep(limitMs);
    await process.pass();
    throw new SpacepackError('volume-stalled', `Expected ${verb} to return within ${limitMs} ms, found no answer.`);
  };
  const onSeat: Access['onSeat'] = async (seat, doing, effect) => {
    const { verb } = doing;
    const operation = count(seat, doing);
    await onOperation(operation);
    await process.pass();
    host.observe();
    const failure = failures.find((candidate) => strikes(candidate, operation));
    if (failure?.hang !== undefined) {
      return hang(doing, () => (failure.hang === 'late' ? tryIt(effect) : undefined));
    }
    if (failure !== undefined && failure.when !== 'after') throw failed(verb, failure, verb === 'create');
    const costMs = USUAL_COSTS[verb];
    const afterMs = ASKING.includes(verb) ? costMs / 2 : 0;
    await clock.sleep(costMs - afterMs);
    await process.pass();
    host.observe();
    const result = effect();
    if (failure !== undefined) throw failed(verb, failure, false);
    if (afterMs > 0) await clock.sleep(afterMs);
    await process.pass();
    return result;
  };
  return {
    onSeat,
    async on(volume, doing, effect) {
      const { seat } = requireHeld(host, volume, doing);
      return onSeat(seat, doing, () => effect(requireHeld(host, volume, doing)));
    },
  };
}

function failed(verb: Verb, { code }: OperationFailure, noEffect: boolean): SpacepackError {
  return new SpacepackError(code, `Expected ${verb} to succeed, found that it fails on purpose.`, { noEffect });
}

/** By then nobody is there to hear of an error. */
function tryIt(effect: () => unknown): void {
  try {
    effect();
  } catch (thrown) {
    if (!(thrown instanceof SpacepackError)) throw thrown;
  }
}

function requireHeld(host: MemoryHost, { drive, mount }: MountedVolume, { verb, path, writes }: Doing): Held {
  host.observe();
  const noEffect = verb === 'create';
  for (const seat of host.seats) {
    if (!seat.isSeen || attachmentName(seat, host.manners) !== drive.attachment) continue;
    for (const slot of seat.slots) {
      if (slot.mount?.id !== mount.id) continue;
      if (writes !== true || !slot.mount.readOnly) return { seat, slot, mount: slot.mount, medium: slot.medium };
      throw new SpacepackError('volume-read-only', `Expected to write ${path}, found a read-only volume.`, {
        noEffect,
      });
    }
  }
  const found = `Expected ${mount.id} of ${drive.attachment}, found another mount or none.`;
  throw new SpacepackError('volume-gone', found, { noEffect });
}
