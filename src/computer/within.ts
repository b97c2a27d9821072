import { SpacepackError } from '../protocol/errors.ts';
import type { Clock } from './clock.ts';

/** Options for work with a time limit. */
export interface Limited<T> {
  /** The fault of work that does not finish; default `volume-stalled`. */
  readonly code?: 'volume-stalled' | 'own-disk' | 'channel-unreachable';
  /** Gets a result that comes after the limit, in order to close it. */
  readonly late?: (result: T) => unknown;
}

/**
 * Time is counted in slices of this many ms: a slice in which the process was suspended counts no more than any other.
 */
const SLICE_MS = 1_000;
/** If a slice takes this many ms longer than it should, the process was suspended in it. */
const SLACK_MS = 2_000;

/**
 * The result of `work`, or `code` after `ms` that this process lived through: while it is stopped or the computer
 * sleeps, nothing is late. A system call cannot be called off: late work goes on, and `late` gets its result.
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
    throw new SpacepackError(
      code,
      `${doing}: expected it to finish within ${Math.round(ms)} ms, found that it did not.`,
    );
  });
  work.then(
    (result) => (isLate ? late?.(result) : undefined),
    () => undefined,
  );
  try {
    return await Promise.race([work, lapse]);
  } finally {
    // With a reason, because without one each call would create an exception with its stack.
    settled.abort('settled');
  }
}

/** Resolves after `ms` that this process lived through, or as soon as the signal aborts. */
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
    // After a gap, the timer is handled first, and work that finished in the meantime a moment later.
    if (leftMs <= 0 && hadGap && !hasWaitedOn) {
      leftMs = SLICE_MS;
      hasWaitedOn = true;
    }
  } while (leftMs > 0);
  // The timer and the end of the work may be due at once: finished work counts as finished. Node reports it between the
  // timers and this.
  await new Promise((resolve) => setImmediate(resolve));
}

const CLOSE_MS = 1_000;

/**
 * Closes and waits for it, because an open file blocks the unmount of its volume, but does not wait behind a call that
 * hangs. If close() fails after a successful fsync, that means nothing new.
 */
export async function closeSoon(clock: Clock, open: { close(): Promise<void> }): Promise<void> {
  await within(clock, CLOSE_MS, 'closing', open.close()).catch(() => undefined);
}
