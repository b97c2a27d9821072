import { expect, test } from 'vitest';
import { choose } from '../../src/devices/choose.ts';
import { update } from '../../src/devices/update.ts';
import { find } from '../../src/index.ts';
import { buildPayload, createMemoryWorld } from '../fake-volume/index.ts';
import { drain, imageOf, playUpdate, withLateLooks } from './play.ts';

const TWIN = { settings: { serial: 'SP00000001' } };

test('a device that was unplugged after it was chosen is not waited for at the port of its twin', async () => {
  const world = createMemoryWorld({ devices: [TWIN, TWIN] });
  const payload = buildPayload();
  const [target] = choose(await find(world.environment), { device: '1-2' });
  await playUpdate(world.environment, payload, { device: '1-1', capMs: 3_000 });
  world.devices[1]?.unplug();
  const { outcome } = await drain(update(world.environment, target, await imageOf(payload)));
  expect(outcome).toMatchObject({ verdict: 'indeterminate', code: 'lost-track', to: null });
});

test('a record that holds what its family never remembers is reported, and hides nothing else', async () => {
  const world = createMemoryWorld();
  const payload = buildPayload();
  expect((await playUpdate(world.environment, payload, { capMs: 6_000 })).outcome.code).toBe('timed-out');
  await world.clock.sleep(60_000);
  const [record] = world.records();
  if (record === undefined) throw new TypeError('the record is open');
  await world.environment.records.save({ ...record, memory: { bootCount: -1 } });
  const { outcome, reports } = await playUpdate(world.environment, payload);
  expect(outcome.code).toBe('already-current');
  expect(reports).toContainEqual(expect.objectContaining({ code: 'record-open' }));
  expect(world.records()).toHaveLength(1);
});

test('a device that comes back while a later look takes long is not taken for one that was there all along', async () => {
  const world = createMemoryWorld();
  const payload = buildPayload();
  const [target] = choose(await find(world.environment), {});
  expect((await playUpdate(world.environment, payload, { capMs: 3_000 })).outcome.code).toBe('timed-out');
  expect((await world.environment.volumes.list()).length).toBe(0);
  let looks = 0;
  const late = withLateLooks(world, () => {
    looks += 1;
    return looks === 2;
  });
  const { outcome } = await drain(update(late, target, await imageOf(payload)));
  expect(outcome.code).toBe('applied');
});
