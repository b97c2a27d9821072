/** The two clocks of a computer, and a way to be woken now and then: handed in, so that tests need not sleep. */
export interface Pulse {
  /** Monotonic, in ms. */
  now(): number;
  /** Wall time, in ms. */
  date(): number;
  /** Calls `beat` every `ms` for as long as the process lives, without keeping it alive. */
  every(ms: number, beat: () => void): void;
}

const BEAT_MS = 1_000;
/** A beat that is so many ms late was not merely waiting for its turn. */
const LATE_MS = 3_000;

/**
 * Counts how often time went by that this process did not live through: nothing ran for seconds (it was stopped, its event loop was
 * blocked, or the computer slept and the monotonic clock went on: macOS with some versions of libuv), or the wall clock went on and
 * the monotonic one did not (the computer slept: Linux). A wall clock that somebody sets forward counts too: no harm is in that.
 *
 * It begins to count when it is first asked. It compares the clocks when it is asked, too: what first runs after a gap may run
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
