import { describe, expect, test } from 'vitest';
import type { Clock } from '../../src/computer/clock.ts';
import { within } from '../../src/computer/within.ts';
import { jumpingClock } from '../volume/a-volume.ts';

const never = (): Promise<never> => new Promise(() => undefined);

/** A clock whose process is stopped during its `sleep` of that number, for `gapMs`; `onReturn` happens in that time. */
function stoppedIn(slice: number, gapMs: number, onReturn: () => void = () => undefined): Clock {
  let [now, sleeps] = [0, 0];
  return {
    now: () => now,
    gaps: () => 0,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        setImmediate(() => {
          if (signal?.aborted) return resolve();
          sleeps += 1;
          const isStopped = sleeps === slice;
          now += isStopped ? gapMs : ms;
          if (isStopped) onReturn();
          resolve();
        });
      }),
  };
}

describe('a time limit', () => {
  test('work that does not end is given up when its time has passed, in small pieces or not', async () => {
    const clock = jumpingClock();
    await expect(within(clock, 60_000, 'x', never())).rejects.toMatchObject({ code: 'volume-stalled' });
    expect(clock.now()).toBe(60_000);
  });

  test('70 s of a stopped process are not 70 s without an answer', async () => {
    const clock = stoppedIn(3, 70_000);
    const startedAt = clock.now();
    await expect(within(clock, 60_000, 'x', never())).rejects.toMatchObject({ code: 'volume-stalled' });
    expect(clock.now() - startedAt).toBe(59_000 + 70_000);
  });

  test('what ended while the process was stopped in the last piece has ended', async () => {
    let end: (value: string) => void = () => undefined;
    const work = new Promise<string>((resolve) => {
      end = resolve;
    });
    const clock = stoppedIn(60, 70_000, () => setImmediate(() => setImmediate(() => end('done'))));
    expect(await within(clock, 60_000, 'x', work)).toBe('done');
  });

  test('work and limit due at once: the work has ended', async () => {
    let end: (value: string) => void = () => undefined;
    const work = new Promise<string>((resolve) => {
      end = resolve;
    });
    const clock: Clock = {
      now: () => 0,
      gaps: () => 0,
      async sleep() {
        setImmediate(() => end('done'));
      },
    };
    expect(await within(clock, 1_000, 'x', work)).toBe('done');
  });

  test('what comes too late is handed over to be closed', async () => {
    let end: (value: string) => void = () => undefined;
    const work = new Promise<string>((resolve) => {
      end = resolve;
    });
    const late: string[] = [];
    await expect(within(jumpingClock(), 1_000, 'x', work, { late: (value) => late.push(value) })).rejects.toMatchObject(
      { code: 'volume-stalled' },
    );
    end('a handle');
    await expect.poll(() => late).toEqual(['a handle']);
  });
});
