import { describe, expect, test } from 'vitest';
import { FAULTS } from '../../../src/protocol/faults.ts';
import { createMemoryWorld, payloadOf, playsInFolders, scenarioOf, scenarios } from '../index.ts';

const codes = (verdict: string) =>
  Object.keys(FAULTS).filter((code) => FAULTS[code as keyof typeof FAULTS].verdict === verdict);

/** What only devices of other families answer; their own tests cover it. */
const OF_OTHERS: readonly string[] = [
  'nothing-taken',
  'flash-differs',
  'flash-holds-other',
  'rejected-image',
  'failed-transfer',
  'failed-target',
];

describe('the scenarios', () => {
  test('have names of their own, by which they are found', () => {
    expect(new Set(scenarios.map(({ name }) => name)).size).toBe(scenarios.length);
    for (const scenario of scenarios) {
      expect(scenario.name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
      expect(scenario.title).toMatch(/^[A-Z].*[.]$/s);
      expect(scenarioOf(scenario.name)).toBe(scenario);
    }
    expect(scenarioOf('nothing of the kind')).toBeUndefined();
  });

  test('expect endings that a host knows', () => {
    for (const { expected, again } of scenarios) {
      for (const ending of again === undefined ? [expected] : [expected, again]) {
        expect(codes(ending.verdict)).toContain(ending.code);
      }
    }
  });

  test('cover every answer of a device that refuses or fails (protocol §6.3)', () => {
    const expected = scenarios.map((scenario) => scenario.expected.code);
    const all = [...codes('rejected'), ...codes('failed')].filter((code) => !OF_OTHERS.includes(code));
    for (const code of all) expect(expected).toContain(code);
  });

  test('of which most can be played in folders, begin in a world with the devices they ask for', () => {
    expect(scenarios.filter(playsInFolders).length).toBeGreaterThan(70);
    for (const scenario of scenarios) {
      const world = createMemoryWorld(scenario);
      expect(world.devices.length).toBe(scenario.devices?.length ?? 1);
      for (const { log, firmware } of world.devices) {
        expect(firmware.ready).toBe(true);
        expect(log.filter(({ message }) => message.startsWith('attaches'))).toHaveLength(1);
      }
      expect(payloadOf(scenario).length).toBeGreaterThan(100);
      world.dispose();
    }
  });
});
