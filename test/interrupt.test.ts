import { beforeAll, describe, expect, test } from 'vitest';
import { SpacepackError } from '../src/protocol/errors.ts';
import type { UpdateImage } from '../src/protocol/image-facts.ts';
import { fingerprints, imageOf, playUpdate } from './engine/play.ts';
import { createWitness, falsehoods, unaccounted } from './engine/truth.ts';
import { createMemoryWorld, type MemoryDevice, type MemoryWorld } from './fake-volume/index.ts';
import { buildPayload } from './fake-volume/spacepack/image/build.ts';

const PAYLOAD = buildPayload({ code: new Uint8Array(2_600_000) });
let image: UpdateImage;
beforeAll(async () => {
  image = await imageOf(PAYLOAD);
});

/** Virtual time after which what was said must still be true. */
const LATER_MS = 600_000;

/** A run by a process of its own; whatever it says must be true at once, and when `later` has let all settle. */
async function runTruly(world: MemoryWorld, device: MemoryDevice, where: string, later: () => void): Promise<string> {
  const process = world.start();
  const { environment, hear } = createWitness(world, process);
  let code: string;
  try {
    const { outcome, reports } = await playUpdate(environment, PAYLOAD);
    const said = hear(outcome, reports, device, image.imageHash);
    expect(falsehoods(said), `${where}: false at the verdict`).toEqual([]);
    later();
    expect(falsehoods(said, true), `${where}: false ten minutes later`).toEqual([]);
    code = outcome.code;
  } catch (thrown) {
    // Pulled during the very first look, before there is a run.
    if (!(thrown instanceof SpacepackError)) throw thrown;
    code = thrown.code;
    later();
  }
  expect(unaccounted(world), where).toEqual([]);
  process.kill();
  return code;
}

type Host = 'desktop' | 'headless';
type Mishap = (device: MemoryDevice) => void;

/** A world in which something happens to the device just before operation `at` of the port. */
function worldWith(host: Host, at: number, mishap: Mishap): { world: MemoryWorld; device: MemoryDevice } {
  const world = createMemoryWorld({
    host,
    onOperation: ({ number }, device) => (number === at ? mishap(device) : undefined),
  });
  const [device] = world.devices;
  if (device === undefined) throw new TypeError('a world has a device unless told otherwise');
  return { world, device };
}

async function operationsOfOneUpdate(host: Host): Promise<number> {
  const { world } = worldWith(host, 0, () => {});
  const { outcome } = await playUpdate(world.environment, PAYLOAD);
  expect(outcome.code).toBe('applied');
  return world.operations.length;
}

interface Twice {
  readonly at: string;
  readonly first: string;
  readonly second: string;
}

/** Runs an update into a mishap, and a second one on the same device once it is plugged in and at rest again. */
async function runTwice(host: Host, at: number, mishap: Mishap): Promise<Twice> {
  const { world, device } = worldWith(host, at, mishap);
  const before = fingerprints(device);
  const first = await runTruly(world, device, `operation ${at}`, () => {
    world.pass(LATER_MS);
    device.plug();
    world.pass(60_000);
  });
  const second = await runTruly(world, device, `after operation ${at}`, () => world.pass(LATER_MS));
  expect(fingerprints(device), `operation ${at}: the user's files`).toEqual(before);
  world.dispose();
  const { verb, path } = world.operations[at - 1] ?? {};
  return { at: `${at}: ${verb} ${path ?? ''}`, first, second };
}

const unplug: Mishap = (device) => device.unplug();
const wiggle: Mishap = (device) => {
  device.unplug();
  device.plug();
};

describe.each<Host>(['desktop', 'headless'])('the cable is pulled before operation 1 … n of an update (%s)', (host) => {
  test.each<[string, Mishap]>([
    ['and stays out until the second run', unplug],
    ['and is put back at once', wiggle],
  ])('%s', async (_, mishap) => {
    const most = await operationsOfOneUpdate(host);
    expect(most).toBeGreaterThan(30);
    for (let at = 1; at <= most; at++) {
      const twice = await runTwice(host, at, mishap);
      expect(['unexpected', 'usage'], twice.at).not.toContain(twice.first);
      // Only a run that was applied already leaves the second one nothing to do.
      expect(twice.second, twice.at).toBe(twice.first === 'applied' ? 'already-current' : 'applied');
    }
  });
});

/** The program dies before operation `at`: it never takes effect, and nothing of the program runs any more. */
async function runAfterCrash(host: Host, at: number): Promise<{ at: string; code: string; expected: string }> {
  let died = (): void => {};
  const crash = new Promise<void>((resolve) => {
    died = resolve;
  });
  const world: MemoryWorld = createMemoryWorld({
    host,
    onOperation: ({ number }) => {
      if (number !== at) return;
      process.kill();
      died();
    },
  });
  const process = world.start();
  const [device] = world.devices;
  if (device === undefined) throw new TypeError('a world has a device unless told otherwise');
  const before = fingerprints(device);
  await Promise.race([crash, playUpdate(createWitness(world, process).environment, PAYLOAD)]);
  // Once the verdict was known and the record closed, there is nothing left to do.
  const isOver = device.firmware.runningHash === image.imageHash && world.records().length === 0;
  const code = await runTruly(world, device, `killed at ${at}`, () => world.pass(LATER_MS));
  expect(fingerprints(device), `operation ${at}: the user's files`).toEqual(before);
  world.dispose();
  return {
    at: `${at}: ${world.operations[at - 1]?.verb}`,
    code,
    expected: isOver ? 'already-current' : 'applied',
  };
}

describe.each<Host>(['desktop', 'headless'])(
  'the program is killed before operation 1 … n of an update (%s)',
  (host) => {
    test('the next run finishes what it began', async () => {
      const most = await operationsOfOneUpdate(host);
      for (let at = 1; at <= most; at++) {
        const { code, expected, at: where } = await runAfterCrash(host, at);
        expect(code, where).toBe(expected);
      }
    });
  },
);
