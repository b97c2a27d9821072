import { describe, expect, test } from 'vitest';
import { type DeviceProgress, NO_PROGRESS, type Progress } from '../../../../src/cli/talk/bar/model.ts';
import { PART_ORDER } from '../../../../src/cli/talk/bar/phases.ts';
import { renderProgress } from '../../../../src/cli/talk/bar/render.ts';
import { resultOf } from '../../../../src/cli/talk/result.ts';
import { textOf } from '../../../../src/cli/text/line.ts';

const STYLE = { full: '#', empty: '-' };

const running: DeviceProgress = {
  device: 'SP00000001',
  order: PART_ORDER,
  part: 'write',
  round: 1,
  startedMs: 0,
  partStartedMs: 1_000,
  expectedMs: 500,
  bytes: { done: 32 * 1024 * 1024, total: 64 * 1024 * 1024 },
  result: null,
};

const of = (...runs: readonly DeviceProgress[]): Progress => new Map(runs.map((run) => [run.device, run]));
const draw = (progress: Progress, width: number): readonly string[] =>
  renderProgress(progress, 4_000, width, STYLE).map(textOf);

test('a wide terminal shows all: device, part, share, bar, time, bytes', () => {
  expect(draw(of(running), 120)).toEqual([
    'SP00000001 Writing         17 % #####-------------------------  0:04 of about 0:34  32 MiB of 64 MiB',
  ]);
});

describe('a narrower terminal loses first what matters least', () => {
  test.each([
    [70, 'SP00000001 Writing         17 % ###---------------  0:04 of about 0:34'],
    [50, 'SP00000001 Writing         17 % ###---------------'],
    [36, 'SP00000001 Writing         17 %'],
    [20, 'SP00000001 Writing ~'],
    [0, ''],
  ])('%d columns', (width, text) => {
    expect(draw(of(running), width)).toEqual([text]);
  });

  test('no line is ever wider than the terminal', () => {
    const done = { ...running, result: resultOf('failed-interrupted', { device: 'SP00000001' }) };
    for (let width = 0; width < 200; width += 1) {
      for (const run of [running, { ...running, bytes: null, part: 'return', round: 2 } as const, done]) {
        expect(draw(of(run), width)[0]?.length).toBeLessThanOrEqual(width);
      }
    }
  });
});

test('several devices have a line each, and one that has ended says how', () => {
  const ended = {
    ...running,
    device: 'SP2',
    result: resultOf('applied', { device: 'SP2', from: '1.0.0+0', to: '2.0.0+0' }),
  };
  const refused = { ...running, device: 'SP3', result: resultOf('battery-low', { device: 'SP3' }) };
  expect(draw(of(running, ended, refused), 100).slice(1)).toEqual([
    'SP2 applied 1.0.0+0 -> 2.0.0+0',
    'SP3 refused (battery-low)',
  ]);
});

test('a serial cannot steer the terminal', () => {
  const hostile = { ...running, device: '\u001b[2JSP\n' };
  expect(draw(of(hostile), 100)[0]).toMatch(/^\?\[2JSP\? /);
});

test('without a run there is nothing', () => {
  expect(draw(NO_PROGRESS, 80)).toEqual([]);
});
