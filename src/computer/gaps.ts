/** The two clocks of a computer, and a way to be woken regularly: handed in, so that tests do not have to sleep. */
export interface Pulse {
  /** Monotonic, in ms. */
  now(): number;
  /** Wall time, in ms. */
  date(): number;
  /** Calls `beat` every `ms` for as long as the process lives, without keeping it alive. */
  every(ms: number, beat: () => void): void;
}

const BEAT_MS = 1_000;
/** A beat that is this many ms late was not merely waiting for its turn. */
const LATE_MS = 3_000;

/**
 * Counts how often time passed that this process missed: nothing ran for seconds (it was stopped, its event loop was
 * blocked, or the computer slept while the monotonic clock went on: macOS with some versions of libuv), or the wall
 * clock went on while the monotonic one did not (the computer slept: Linux). Setting the wall clock forward counts too,
 * which does no harm.
 *
 * It begins to count at the first call. It also compares the clocks at each call: the first code after a gap may run
 * before the next beat.
 */
export function createGapCounter({ now, date, every }: Pulse): () => number {
  let count = 0;
  let last: { readonly now: number; readonly date: number } | null = null;
  const compare = (): void => {
    const current = { now: now(), date: date() };
    if (last !== null) {
      const livedMs = current.now - last.now;
      if (livedMs > BEAT_MS + LATE_MS || current.date - last.date - livedMs > LATE_MS) count += 1;
    }
    last = current;
  };
  return () => {
    const isFirst = last === null;
    compare();
    if (isFirst) every(BEAT_MS, compare);
    return count;
  };
}
