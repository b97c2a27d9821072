import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  after,
  expectedTotalMs,
  fractionDone,
  NO_PROGRESS,
  type Progress,
} from '../../../../src/cli/talk/bar/model.ts';
import { PART_ORDER, PARTS, PING_ORDER } from '../../../../src/cli/talk/bar/phases.ts';
import type { TimedEvent } from '../../../../src/cli/talk/events.ts';
import { resultOf } from '../../../../src/cli/talk/result.ts';
import type { Phase } from '../../../../src/protocol/machine.ts';

const PHASES = ['discover', 'identify', 'stage', 'commit', 'release', 'depart', 'return', 'confirm'] as const;

const phase = (name: Phase, elapsedMs: number, round = 1): TimedEvent => ({
  v: 1,
  event: 'phase',
  elapsedMs,
  device: 'SP1',
  phase: name,
  round,
  expectedMs: 1_000,
});

const bytes = (step: 'write' | 'verify', elapsedMs: number, doneBytes: number, totalBytes = 100): TimedEvent => ({
  v: 1,
  event: 'progress',
  elapsedMs,
  device: 'SP1',
  step,
  doneBytes,
  totalBytes,
});

const play = (events: readonly TimedEvent[]): Progress =>
  events.reduce<Progress>((progress, event) => after(progress, event), NO_PROGRESS);

function only(progress: Progress) {
  const [run] = progress.values();
  if (run === undefined) throw new Error('expected a run');
  return run;
}

test('the weights of all parts make a whole', () => {
  expect(PART_ORDER.reduce((sum, part) => sum + PARTS[part].weight, 0)).toBe(100);
});

test('waiting for the device is part of the bar', () => {
  const atReturn = fractionDone(only(play([phase('return', 0)])), 0);
  const atConfirm = fractionDone(only(play([phase('confirm', 0)])), 0);
  expect(atConfirm - atReturn).toBeCloseTo(0.35);
});

test('the bar never goes back and never says 100 % before the end, however long each part takes', () => {
  const step = fc.tuple(fc.nat(60_000), fc.nat(60_000), fc.nat(60_000));
  fc.assert(
    fc.property(fc.array(step, { minLength: 8, maxLength: 8 }), (steps) => {
      let [now, last] = [0, 0];
      let progress = NO_PROGRESS;
      const look = (): void => {
        const fraction = fractionDone(only(progress), now);
        expect(fraction).toBeGreaterThanOrEqual(last);
        expect(fraction).toBeLessThan(1);
        last = fraction;
      };
      for (const [index, [first, second, third]] of steps.entries()) {
        const name = PHASES[index] ?? 'confirm';
        progress = after(progress, phase(name, now));
        look();
        now += first;
        look();
        if (name === 'stage') {
          for (const part of ['write', 'verify'] as const) {
            for (const done of [0, 50, 100]) {
              progress = after(progress, bytes(part, now, done));
              now += second;
              look();
            }
          }
        }
        now += third;
        look();
      }
      const result = resultOf('applied', { device: 'SP1' });
      progress = after(progress, { v: 1, event: 'finished', elapsedMs: now, ...result });
      expect(fractionDone(only(progress), now)).toBe(1);
    }),
  );
});

test('while bytes move, only they move the bar', () => {
  const run = only(play([phase('stage', 0), bytes('write', 100, 50)]));
  expect(fractionDone(run, 100)).toBe(fractionDone(run, 10_000));
  expect(fractionDone(run, 100)).toBeCloseTo((2 + 3 + 25 / 2) / 100);
});

test('an empty payload does not divide by zero', () => {
  expect(fractionDone(only(play([phase('stage', 0), bytes('write', 1, 0, 0)])), 1)).toBeCloseTo(0.3);
});

test('a second round begins anew and says so', () => {
  const run = only(play([phase('confirm', 0), phase('identify', 10, 2)]));
  expect(run.round).toBe(2);
  expect(fractionDone(run, 10)).toBeLessThan(0.1);
});

test('a ping has no payload to write', () => {
  const progress = after(NO_PROGRESS, phase('commit', 0), PING_ORDER);
  expect(fractionDone(only(progress), 0)).toBeCloseTo(5 / 65);
});

describe('the expected time', () => {
  test('follows the measured speed while bytes move', () => {
    const slow = only(play([phase('stage', 0), bytes('write', 0, 0), bytes('write', 10_000, 10)]));
    const fast = only(play([phase('stage', 0), bytes('write', 0, 0), bytes('write', 10_000, 90)]));
    expect(expectedTotalMs(slow, 10_000) - expectedTotalMs(fast, 10_000)).toBeCloseTo(90_000 - 10_000 / 9, 0);
  });

  test('is never before now', () => {
    const run = only(play([phase('confirm', 0)]));
    expect(expectedTotalMs(run, 99_000)).toBe(99_000);
  });
});

test('events about other things change nothing', () => {
  const progress = play([phase('stage', 0)]);
  const simulated: TimedEvent = { v: 1, event: 'simulated', elapsedMs: 1, device: 'SP1', message: 'x' };
  expect(after(progress, simulated)).toBe(progress);
});
