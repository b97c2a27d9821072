import { SpacepackError } from '../protocol/errors.ts';
import type { Clock } from './port.ts';

/**
 * The result of `work`, or `volume-stalled` after `ms`. A system call cannot be called off: work that comes too late goes on
 * and its result is dropped, so whoever owns a handle must close it without waiting.
 */
export async function within<T>(clock: Clock, ms: number, doing: string, work: Promise<T>): Promise<T> {
  const settled = new AbortController();
  const lapse = new Promise<never>((_, reject) => {
    clock
      .sleep(ms, settled.signal)
      .then(() => {
        if (!settled.signal.aborted) {
          reject(
            new SpacepackError('volume-stalled', `${doing}: expected an end within ${Math.round(ms)} ms, found none`),
          );
        }
      })
      .catch(reject);
  });
  try {
    return await Promise.race([work, lapse]);
  } finally {
    settled.abort();
  }
}
