import { describe, expect, test } from 'vitest';
import { DEFAULT_AGENT_SETTINGS } from '../../src/agent/agent-settings.ts';
import { type Circumstances, decide } from '../../src/agent/policy.ts';

const NOON = new Date(2026, 0, 1, 12);
const NIGHT = new Date(2026, 0, 1, 3);
const quietHours = { fromMinute: 22 * 60, toMinute: 7 * 60 };

const usual: Circumstances = {
  settings: { ...DEFAULT_AGENT_SETTINGS, quietHours },
  now: NOON,
  batteryPercent: 80,
  neededPercents: [30, 0],
  standing: { kind: 'clear' },
  toldBefore: false,
  wanted: false,
};
const auto = { settings: { ...usual.settings, policy: 'auto' } } as const;
const ask = { settings: { ...usual.settings, policy: 'ask' } } as const;
const givenUp = { standing: { kind: 'given-up' } } as const;
const waiting = { standing: { kind: 'waiting', until: new Date(2026, 0, 1, 13) } } as const;

describe('a newer release', () => {
  test.each<[what: string, parts: Partial<Circumstances>, expected: object]>([
    ['is told of', {}, { kind: 'tell' }],
    ['is told of with an empty battery', { batteryPercent: 0 }, { kind: 'tell' }],
    ['is told of once', { toldBefore: true }, { reason: 'told-before' }],
    ['is asked about', ask, { kind: 'ask' }],
    ['is asked about once', { ...ask, toldBefore: true }, { reason: 'told-before' }],
    ['is not asked about while it could not be installed', { ...ask, batteryPercent: 29 }, { reason: 'battery' }],
    ['is installed', auto, { kind: 'update' }],
    ['is installed although it was told of before', { ...auto, toldBefore: true }, { kind: 'update' }],
    ['waits for the morning', { ...auto, now: NIGHT }, { reason: 'quiet-hours' }],
    ['is not told of at night', { now: NIGHT }, { reason: 'quiet-hours' }],
    ['waits for the battery that the device wants', { ...auto, batteryPercent: 29 }, { reason: 'battery' }],
    ['waits for the battery that the release wants', { ...auto, neededPercents: [30, 90] }, { reason: 'battery' }],
    [
      'waits for the battery that the person wants',
      { settings: { ...auto.settings, leastBatteryPercent: 81 } },
      { reason: 'battery' },
    ],
    ['is left alone after two failures', { ...auto, ...givenUp }, { reason: 'given-up' }],
    ['waits after a failure', { ...auto, ...waiting }, { reason: 'backing-off' }],
    ['is installed when the person wants it, at night', { wanted: true, now: NIGHT }, { kind: 'update' }],
    ['is installed when the person wants it, after two failures', { wanted: true, ...givenUp }, { kind: 'update' }],
    [
      'is not installed with an empty battery, whoever wants it',
      { wanted: true, batteryPercent: 5 },
      { reason: 'battery' },
    ],
  ])('%s', (_, parts, expected) => {
    expect(decide({ ...usual, ...parts })).toMatchObject(expected);
  });
});
