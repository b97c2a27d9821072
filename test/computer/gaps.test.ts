import { describe, expect, test } from 'vitest';
import { createGapCounter } from '../../src/computer/gaps.ts';

const SECOND = 1_000;

/** A process and its computer: what goes on, and what stands still meanwhile. */
function aProcess(): {
  readonly gaps: () => number;
  readonly beats: () => number;
  live(ms: number): void;
  /** Nothing runs; both clocks go on: SIGSTOP, or a Mac asleep. */
  stop(ms: number): void;
  /** Nothing runs, and the monotonic clock stands still: Linux asleep. */
  sleep(ms: number): void;
} {
  let [now, date, beats] = [5_000, 1_700_000_000_000, 0];
  let next: { at: number; ms: number; beat: () => void } | null = null;
  const gaps = createGapCounter({
    now: () => now,
    date: () => date,
    every(ms, beat) {
      next = { at: now + ms, ms, beat };
    },
  });
  const pass = (ms: number): void => {
    now += ms;
    date += ms;
  };
  return {
    gaps,
    beats: () => beats,
    live(ms) {
      for (const end = now + ms; now < end; pass(Math.min(100, end - now))) {
        if (next === null || next.at > now) continue;
        beats += 1;
        next.at = now + next.ms;
        next.beat();
      }
    },
    stop: pass,
    sleep(ms) {
      date += ms;
    },
  };
}

describe('time that a process did not live through', () => {
  test('none is counted while it runs, however long', () => {
    const it = aProcess();
    expect(it.gaps()).toBe(0);
    it.live(3_600 * SECOND);
    expect(it.gaps()).toBe(0);
  });

  test('a process that was stopped: seen by the first who asks, before the next beat', () => {
    const it = aProcess();
    it.gaps();
    it.live(10 * SECOND);
    it.stop(70 * SECOND);
    expect(it.gaps()).toBe(1);
    it.live(10 * SECOND);
    expect(it.gaps()).toBe(1);
  });

  test('a computer that slept while the monotonic clock stood still', () => {
    const it = aProcess();
    it.gaps();
    it.live(10 * SECOND);
    it.sleep(3_600 * SECOND);
    expect(it.gaps()).toBe(1);
  });

  test('a gap that nobody asks about is counted by the next beat, and two are two', () => {
    const it = aProcess();
    it.gaps();
    it.stop(20 * SECOND);
    it.live(5 * SECOND);
    it.sleep(20 * SECOND);
    it.live(5 * SECOND);
    expect(it.gaps()).toBe(2);
  });

  test('a wall clock that is set back is none', () => {
    const it = aProcess();
    it.gaps();
    it.sleep(-3_600 * SECOND);
    it.live(5 * SECOND);
    expect(it.gaps()).toBe(0);
  });

  test('nothing beats before somebody asks', () => {
    const it = aProcess();
    it.live(60 * SECOND);
    expect(it.beats()).toBe(0);
  });
});
