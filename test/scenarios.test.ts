import { describe, expect, test } from 'vitest';
import { choose } from '../src/choose.ts';
import { find } from '../src/find.ts';
import { SpacepackError } from '../src/protocol/errors.ts';
import { ping, update } from '../src/update.ts';
import { drain, fingerprints, imageOf, isTrue } from './engine/play.ts';
import { createMemoryWorld, type MemoryWorld, type Scenario, scenarios } from './fake-volume/index.ts';
import { payloadOf } from './fake-volume/scenario.ts';

const WRITING = ['create', 'chunk', 'fsync', 'close', 'remove'];

interface Ended {
  readonly verdict: string;
  readonly code: string;
}

/** What the command line does: finds, chooses, and runs. Where choosing is refused there is no run. */
async function play(world: MemoryWorld, scenario: Scenario): Promise<Ended> {
  const { environment, devices } = world;
  try {
    const choice = scenario.device === undefined ? {} : { device: scenario.device };
    const [target] = choose(await find(environment), choice);
    if (target === undefined) throw new TypeError('choose gives at least one');
    if (scenario.action === 'ping') return (await drain(ping(environment, target))).outcome;
    const image = await imageOf(payloadOf(scenario));
    const { allowDowngrade = false } = scenario;
    const { outcome } = await drain(update(environment, target, image, { allowDowngrade }));
    const device = devices.find(({ serial }) => serial === outcome.device);
    if (device !== undefined)
      expect(isTrue(outcome, device, image), `${outcome.code} is true of the device`).toBe(true);
    return outcome;
  } catch (thrown) {
    if (!(thrown instanceof SpacepackError)) throw thrown;
    return { verdict: thrown.fault.verdict, code: thrown.code };
  }
}

describe('every scenario ends as it must, and no file of a user is touched', () => {
  test('there are scenarios, each under a name of its own', () => {
    expect(scenarios.length).toBeGreaterThan(80);
    expect(new Set(scenarios.map(({ name }) => name)).size).toBe(scenarios.length);
  });

  test.each(scenarios.map((scenario) => [scenario.name, scenario] as const))('%s', async (_, scenario) => {
    const world = createMemoryWorld(scenario);
    const before = world.devices.map(fingerprints);
    const { verdict, code } = await play(world, scenario);
    expect({ verdict, code }).toEqual(scenario.expected);
    expect(world.devices.map(fingerprints)).toEqual(before);
    if (scenario.again !== undefined) {
      for (const device of world.devices) device.plug();
      world.pass(60_000);
      const second = await play(world, scenario);
      expect({ verdict: second.verdict, code: second.code }).toEqual(scenario.again);
      expect(world.devices.map(fingerprints)).toEqual(before);
    }
    world.dispose();
  });
});

describe('a refusal before anything was committed', () => {
  // Where another host has committed something, the device changes its own files.
  const refused = scenarios.filter(({ name, expected }) => expected.verdict === 'refused' && name !== 'busy-device');
  /** The volume is not there to be tidied: what is left is inert, and the next run removes it. */
  const beyondReach = ['volume-gone', 'volume-stalled'];

  test.each(refused.map((scenario) => [scenario.name, scenario] as const))(
    '%s leaves the volume as it was',
    async (_, scenario) => {
      const world = createMemoryWorld(scenario);
      const before = world.devices.map(({ card }) => card.paths());
      const { code } = await play(world, scenario);
      const wrote = world.operations.some(({ verb }) => WRITING.includes(verb));
      if (!wrote || !beyondReach.includes(code)) expect(world.devices.map(({ card }) => card.paths())).toEqual(before);
      world.dispose();
    },
  );
});
