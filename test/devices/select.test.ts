import { describe, expect, test } from 'vitest';
import { update } from '../../src/devices/update.ts';
import { select } from '../../src/index.ts';
import { spacepack } from '../../src/protocol/spacepack/family.ts';
import { drain, imageOf, playUpdate } from '../engine/play.ts';
import { buildPayload, createMemoryWorld, type MemoryWorld, type WorldOptions } from '../fake-volume/index.ts';

const payload = buildPayload();
const TWIN = { settings: { serial: 'SP00000001' } };

/** A world in which the devices at these ports are away, each with an update that no run has seen the end of. */
async function worldWithAway(options: WorldOptions, ...ports: readonly string[]): Promise<MemoryWorld> {
  const world = createMemoryWorld(options);
  for (const port of ports) {
    expect((await playUpdate(world.environment, payload, { device: port, capMs: 6_000 })).outcome.code).toBe(
      'timed-out',
    );
    world.devices.find((device) => device.port === port)?.unplug();
    await world.clock.sleep(1_000);
  }
  return world;
}

const chosen = async ({ environment }: MemoryWorld) =>
  (await select(environment, { all: true })).map(({ target, sight }) => [target.identity.port, sight !== null]);

describe('all devices', () => {
  test('include the one that is away with an update open', async () => {
    expect(await chosen(await worldWithAway({ devices: [{}, {}] }, '1-1'))).toEqual([
      ['1-2', true],
      ['1-1', false],
    ]);
  });

  test('do not list twice the one that has come back meanwhile', async () => {
    const world = await worldWithAway({ devices: [{}, {}] }, '1-1');
    world.devices[0]?.plug();
    await world.clock.sleep(5_000);
    expect(await chosen(world)).toEqual([
      ['1-1', true],
      ['1-2', true],
    ]);
  });

  test('do not list twice the one that is present if the system reports no port', async () => {
    const world = await worldWithAway({ devices: [TWIN], manners: { ports: 'untold' } });
    await playUpdate(world.environment, payload, { capMs: 6_000 });
    await world.clock.sleep(60_000);
    expect(await chosen(world)).toEqual([[null, true]]);
  });

  test('do not list twice the one that was moved to another port, and says so', async () => {
    const world = await worldWithAway({ devices: [{}, {}] }, '1-1');
    world.devices[0]?.plug();
    await world.clock.sleep(60_000);
    const [record] = world.records();
    if (record === undefined) throw new TypeError('the record is open');
    await world.environment.records.save({ ...record, port: '1-9' });
    expect(await chosen(world)).toEqual([
      ['1-1', true],
      ['1-2', true],
    ]);
    expect((await playUpdate(world.environment, payload, { device: '1-1' })).outcome.code).toBe('applied');
    expect(world.records()).toEqual([]);
  });

  test('include the one of two with the same serial that is away', async () => {
    const world = await worldWithAway({ devices: [TWIN, TWIN] }, '1-1');
    expect(await chosen(world)).toEqual([
      ['1-2', true],
      ['1-1', false],
    ]);
  });

  test('include both of two with the same serial that are away, and each run follows its own update', async () => {
    const world = await worldWithAway({ devices: [TWIN, TWIN] }, '1-1', '1-2');
    const selected = await select(world.environment, { all: true });
    expect(selected.map(({ target }) => target.identity.port).sort()).toEqual(['1-1', '1-2']);
    for (const device of world.devices) world.later(10_000, () => device.plug());
    const image = await imageOf(payload);
    const runs = selected.map(({ target }) => drain(update(world.environment, target, image)));
    expect((await Promise.all(runs)).map(({ outcome }) => outcome.code)).toEqual(['applied', 'applied']);
    expect(world.records()).toEqual([]);
  });
});

test('the record of a device of another family with the same serial is not its own', async () => {
  const world = await worldWithAway({ devices: [TWIN] }, '1-1');
  const [selected] = await select(world.environment, { device: 'SP00000001' });
  expect(selected.target.family.id).toBe('spacepack');
  const target = { ...selected.target, family: { ...spacepack, id: 'another' } };
  const { outcome } = await drain(update(world.environment, target, await imageOf(payload)));
  expect(outcome.code).toBe('no-device');
  expect(world.records()).toHaveLength(1);
});
