import { expect, test } from 'vitest';
import { buildPayload, createMemoryWorld } from '../fake-volume/index.ts';
import { playUpdate } from './play.ts';

const TWIN = { settings: { serial: 'SP00000001' } };

test('the record of a device that is away is not judged by what its twin at another port says', async () => {
  const world = createMemoryWorld({ devices: [TWIN, TWIN] });
  const [, twin] = world.devices;
  // So that it has booted more often than the other one.
  twin?.unplug();
  await world.clock.sleep(2_000);
  twin?.plug();
  await world.clock.sleep(4_000);
  const payload = buildPayload();
  expect((await playUpdate(world.environment, payload, { device: '1-1', capMs: 6_000 })).outcome.code).toBe(
    'timed-out',
  );
  const { outcome, reports } = await playUpdate(world.environment, payload, { device: '1-2' });
  expect(outcome.code).toBe('applied');
  expect(reports).toContainEqual(expect.objectContaining({ code: 'record-open' }));
  expect(reports).not.toContainEqual(expect.objectContaining({ code: 'record-resolved' }));
  expect(world.records().map(({ port }) => port)).toEqual(['1-1']);
  expect((await playUpdate(world.environment, payload, { device: '1-1' })).outcome.code).toBe('applied');
  expect(world.records()).toEqual([]);
});
