import { describe, expect, test } from 'vitest';
import { choose } from '../src/devices/choose.ts';
import { ping, update } from '../src/devices/update.ts';
import { find } from '../src/index.ts';
import { SpacepackError } from '../src/protocol/errors.ts';
import { drain, fingerprints, imageOf } from './engine/play.ts';
import { createWitness, falsehoods, type Said, unaccounted } from './engine/truth.ts';
import { createMemoryWorld, type MemoryWorld, type Scenario, scenarios } from './fake-volume/index.ts';
import { payloadOf } from './fake-volume/scenarios/scenario.ts';

const WRITING = ['create', 'chunk', 'fsync', 'close', 'remove'];

/** Nonces of the triggers that scenarios write themselves begin so. */
const isForeign = (short: string): boolean => short === '0f0f0f0f';

/** Virtual time after which what was said must still be true. */
const LATER_MS = 600_000;

interface Ended {
  readonly verdict: string;
  readonly code: string;
  /** `null`: there was no run. */
  readonly said: Said | null;
}

/** What the command line does: finds, chooses, and runs. Where choosing is refused there is no run. */
async function play(world: MemoryWorld, scenario: Scenario): Promise<Ended> {
  const process = world.start();
  const { environment, hear } = createWitness(world, process);
  const named = world.devices.find(({ serial }) => serial === (scenario.device ?? world.devices[0]?.serial)) ?? null;
  try {
    const choice = scenario.device === undefined ? {} : { device: scenario.device };
    const [target] = choose(await find(environment), choice);
    const image = scenario.action === 'ping' ? null : await imageOf(payloadOf(scenario));
    const { allowDowngrade = false } = scenario;
    const run = image === null ? ping(environment, target) : update(environment, target, image, { allowDowngrade });
    const { outcome, reports } = await drain(run);
    const said = hear(outcome, reports, named, image?.imageHash ?? null);
    expect(falsehoods(said), 'false at the verdict').toEqual([]);
    return { ...outcome, said };
  } catch (thrown) {
    if (!(thrown instanceof SpacepackError)) throw thrown;
    return { verdict: thrown.fault.verdict, code: thrown.code, said: null };
  } finally {
    process.kill();
  }
}

/** Lets everything settle, and judges again what was said. */
function judgeLater(world: MemoryWorld, { said }: Ended): void {
  world.pass(LATER_MS);
  expect(said === null ? [] : falsehoods(said, true), 'false ten minutes later').toEqual([]);
  expect(unaccounted(world, isForeign)).toEqual([]);
}

describe('every scenario ends as it must, and no file of a user is touched', () => {
  test('there are scenarios, each under a name of its own', () => {
    expect(scenarios.length).toBeGreaterThan(80);
    expect(new Set(scenarios.map(({ name }) => name)).size).toBe(scenarios.length);
  });

  test.each(scenarios.map((scenario) => [scenario.name, scenario] as const))('%s', async (_, scenario) => {
    const world = createMemoryWorld(scenario);
    const before = world.devices.map(fingerprints);
    const first = await play(world, scenario);
    expect({ verdict: first.verdict, code: first.code }).toEqual(scenario.expected);
    judgeLater(world, first);
    expect(world.devices.map(fingerprints)).toEqual(before);
    if (scenario.again !== undefined) {
      for (const device of world.devices) device.plug();
      world.pass(60_000);
      const second = await play(world, scenario);
      expect({ verdict: second.verdict, code: second.code }).toEqual(scenario.again);
      judgeLater(world, second);
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
