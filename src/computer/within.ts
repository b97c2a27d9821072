import { SpacepackError } from '../protocol/errors.ts';
import type { Clock } from './clock.ts';

/** What may be said of work that has a time limit. */
export interface Limited<T> {
  /** The fault of work that does not end; default `volume-stalled`. */
  readonly code?: 'volume-stalled' | 'own-disk';
  /** Given what comes after the limit, to close it. */
  readonly late?: (result: T) => unknown;
}

/** Time is counted in slices of so many ms: a slice in which the process did not live counts no more than any other. */
const SLICE_MS = 1_000;
/** A slice that took so many ms longer than it should was none that the process lived through. */
const SLACK_MS = 2_000;

/**
 * The result of `work`, or `code` after `ms` that this process lived through: while it is stopped, or the computer asleep, nothing
 * is late. A system call cannot be called off: work that comes too late goes on, and its result is given to `late`.
 */
export async function within<T>(
  clock: Clock,
  ms: number,
  doing: string,
  work: Promise<T>,
  { code = 'volume-stalled', late }: Limited<T> = {},
): Promise<T> {
  const settled = new AbortController();
  const { signal } = settled;
  let isLate = false;
  const lapse = lived(clock, ms, signal).then((): never | Promise<never> => {
    // Never settles: the race is over.
    if (signal.aborted) return new Promise<never>(() => undefined);
    isLate = true;
    throw new SpacepackError(code, `${doing}: expected an end within ${Math.round(ms)} ms, found none`);
  });
  work.then(
    (result) => (isLate ? late?.(result) : undefined),
    () => undefined,
  );
  try {
    return await Promise.race([work, lapse]);
  } finally {
    // With a reason, for the one that is made where there is none is an exception, stack and all, at each call.
    settled.abort('settled');
  }
}

/** Resolves after so many ms of lived time, or as soon as the signal aborts. */
async function lived(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  let leftMs = ms;
  let hasWaitedOn = false;
  do {
    const sliceMs = Math.min(SLICE_MS, leftMs);
    const startedAt = clock.now();
    await clock.sleep(sliceMs, signal);
    if (signal.aborted) return;
    leftMs -= sliceMs;
    const hadGap = clock.now() - startedAt > sliceMs + SLACK_MS;
    // After a gap the timer is seen first, and what ended in the meantime a moment later.
    if (leftMs <= 0 && hadGap && !hasWaitedOn) {
      leftMs = SLICE_MS;
      hasWaitedOn = true;
    }
  } while (leftMs > 0);
  // Timer and end may be due at once: what has ended has ended. Node tells of it between the timers and this.
  await new Promise((resolve) => setImmediate(resolve));
}

const CLOSE_MS = 1_000;

/**
 * Closes, and waits for it, since an open file keeps its volume from being unmounted; but not behind a call that hangs. That
 * close() fails after a successful fsync tells nothing new.
 */
export async function closeSoon(clock: Clock, open: { close(): Promise<void> }): Promise<void> {
  await within(clock, CLOSE_MS, 'closing', open.close()).catch(() => undefined);
}
