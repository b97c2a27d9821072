import { SpacepackError } from '../protocol/errors.ts';
import type { Clock } from './clock.ts';
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
