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
    // With a reason, for the one that is made where there is none is an exception, stack and all, at each call.
    settled.abort('settled');
  }
}

const CLOSE_MS = 1_000;

/**
 * Closes, and waits for it, since an open file keeps its volume from being unmounted; but not behind a call that hangs. That
 * close() fails after a successful fsync tells nothing new.
 */
export async function closeSoon(clock: Clock, open: { close(): Promise<void> }): Promise<void> {
  await within(clock, CLOSE_MS, 'closing', open.close()).catch(() => undefined);
}
