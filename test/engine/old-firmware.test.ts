import { describe, expect, test } from 'vitest';
import { resultOfOutcome } from '../../src/cli/talk/result.ts';
import { resultText } from '../../src/cli/talk/result-text.ts';
import type { Outcome } from '../../src/engine/report.ts';
import { createMemoryWorld, payloadOf, type Scenario, scenarios } from '../fake-volume/index.ts';
import { imageOf, playUpdate } from './play.ts';
import { createWitness, falsehoods } from './truth.ts';

/** The device of a scenario has no firmware that could start. */
const inBootloader = (scenario: Scenario): Scenario => {
  const [device = {}] = scenario.devices ?? [];
  return { ...scenario, devices: [{ ...device, runs: null }] };
};

/** How an update of a scenario ended, and whatever it said that is not true of the device. */
async function ended(scenario: Scenario): Promise<{ readonly outcome: Outcome; readonly wrong: readonly string[] }> {
  const world = createMemoryWorld(scenario);
  const process = world.start();
  const { environment, hear } = createWitness(world, process);
  const payload = payloadOf(scenario);
  const { outcome, reports } = await playUpdate(environment, payload);
  const said = hear(outcome, reports, world.devices[0] ?? null, (await imageOf(payload)).imageHash);
  const wrong = falsehoods(said);
  process.kill();
  world.dispose();
  return { outcome, wrong };
}

const OLD_RUNS = /still runs|old firmware|ran before/i;
const toldOf = (outcome: Outcome): string => JSON.stringify(resultText(resultOfOutcome(outcome, '')));

const rejecting = scenarios.filter(({ expected }) => expected.verdict === 'rejected');

describe('a device that rejects a payload', () => {
  test('does so for every reason that there is', () => {
    expect(rejecting.length).toBeGreaterThan(10);
  });

  test.each(rejecting.map((scenario) => [scenario.name, scenario] as const))(
    'in its bootloader: none runs, and nobody says that the old firmware does (%s)',
    async (_, scenario) => {
      const { outcome, wrong } = await ended(inBootloader(scenario));
      expect(outcome).toMatchObject({ ...scenario.expected, from: null, to: null, oldFirmware: 'none' });
      expect(wrong).toEqual([]);
      expect(toldOf(outcome)).not.toMatch(OLD_RUNS);
      expect(toldOf(outcome)).toContain('no firmware runs');
    },
  );

  test.each(rejecting.map((scenario) => [scenario.name, scenario] as const))(
    'in its application: that one still runs (%s)',
    async (_, scenario) => {
      const { outcome, wrong } = await ended(scenario);
      expect(outcome).toMatchObject({ ...scenario.expected, from: '1.0.0+0', to: '1.0.0+0', oldFirmware: 'runs' });
      expect(wrong).toEqual([]);
      expect(toldOf(outcome)).toMatch(OLD_RUNS);
    },
  );
});
