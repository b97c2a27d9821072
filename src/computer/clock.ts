import { createGapCounter } from './gaps.ts';

/** Time, handed in so that tests do not have to wait. */
export interface Clock {
  /** Monotonic, in ms. */
  now(): number;
  /** Resolves after `ms`, or as soon as the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** How often, so far, time passed that this process missed: it was stopped, or the computer slept. */
  gaps(): number;
}

/** The real clock: `performance.now()` and timers. A sleeping clock keeps the process alive; aborting ends the sleep. */
export const systemClock: Clock = {
  now: () => performance.now(),
  gaps: createGapCounter({
    now: () => performance.now(),
    date: () => Date.now(),
    every: (ms, beat) => void setInterval(beat, ms).unref(),
  }),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const wake = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      const timer = setTimeout(wake, Math.max(0, ms));
      signal?.addEventListener('abort', wake, { once: true });
    }),
};
