import { SpacepackError } from '../protocol/errors.ts';
import type { Drive } from '../protocol/sight.ts';
import type { Platform } from './platform.ts';
import type { Clock } from './port.ts';
import { type Limited, within } from './within.ts';

/**
 * Lets calls through to a disk until one has not come back within its limit; from then on each fails at once, until that one has come
 * back. So a disk that hangs takes a thread or two of the few that this process has, and its neighbours keep theirs.
 */
export interface Gate {
  /** The result of `call`; rejects with `code` after `ms` of lived time, or at once. `late` is given what comes after that. */
  pass<T>(doing: string, ms: number, call: () => Promise<T>, late?: (result: T) => unknown): Promise<T>;
}

export function createGate(clock: Clock, code: NonNullable<Limited<never>['code']> = 'volume-stalled'): Gate {
  let hung = 0;
  return {
    async pass(doing, ms, call, late) {
      if (hung > 0) {
        throw new SpacepackError(code, `${doing}: expected an answer to an earlier call first, found none yet`);
      }
      const work = call();
      let hasEnded = false;
      const onEnd = (): void => {
        hasEnded = true;
      };
      work.then(onEnd, onEnd);
      try {
        return await within(clock, ms, doing, work, { code, ...(late !== undefined && { late }) });
      } catch (thrown) {
        if (!hasEnded) {
          hung += 1;
          const onReturn = (): void => {
            hung -= 1;
          };
          work.then(onReturn, onReturn);
        }
        throw thrown;
      }
    },
  };
}

/** Longest time to mount or unmount, in ms: both move data; a slow stick takes its time, and one that is reset 32 s. */
export const MOUNT_MS = 120_000;
/** Longest time for all programs of one mount or unmount together, in ms: the last must be able to answer before the gate shuts. */
export const PROGRAMS_MS: number = MOUNT_MS - 10_000;
/** Longest time for one of them that unmounts where another one has its turn after it, in ms. */
export const UNMOUNT_MS = 80_000;

const gates = new WeakMap<Platform, Map<string, Gate>>();

/** The one gate to all that lies on a drive, for as long as it stays attached. */
export function gateOf({ platform, clock }: { platform: Platform; clock: Clock }, drive: Drive): Gate {
  const ofPlatform = gates.get(platform) ?? new Map<string, Gate>();
  gates.set(platform, ofPlatform);
  const key = `${drive.id} ${drive.attachment}`;
  const gate = ofPlatform.get(key) ?? createGate(clock);
  ofPlatform.set(key, gate);
  return gate;
}
