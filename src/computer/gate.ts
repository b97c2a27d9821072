import { SpacepackError } from '../protocol/errors.ts';
import type { Clock } from './clock.ts';
import { type Limited, within } from './within.ts';

/**
 * Lets calls through to a disk until one does not return within its limit; then every call fails at once until that one
 * returns. So a hanging disk takes one or two of this process's few threads and leaves the rest to other disks.
 */
export interface Gate {
  /**
   * The result of `call`; rejects with `code` after `ms` of time that this process lived through, or at once. `late`
   * gets a result that comes after that.
   */
  pass<T>(doing: string, ms: number, call: () => Promise<T>, late?: (result: T) => unknown): Promise<T>;
}

export function createGate(clock: Clock, code: NonNullable<Limited<never>['code']> = 'volume-stalled'): Gate {
  let hung = 0;
  return {
    async pass(doing, ms, call, late) {
      if (hung > 0) {
        throw new SpacepackError(
          code,
          `${doing}: expected an earlier call to return first, found that it has not yet.`,
        );
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
