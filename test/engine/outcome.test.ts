import { expect, test } from 'vitest';
import { reservedPath } from '../fake-volume/cards/card.ts';
import { buildPayload, createMemoryWorld, RESERVED } from '../fake-volume/index.ts';
import { playUpdate } from './play.ts';

test('while a record is open, an obstacle is reported with the remedy that helps', async () => {
  const world = createMemoryWorld();
  await playUpdate(world.environment, buildPayload(), { capMs: 3_000 });
  await world.clock.sleep(60_000);
  for (const { card } of world.devices) card.remove(reservedPath(RESERVED.info));
  const { outcome } = await playUpdate(world.environment, buildPayload());
  expect(outcome.code).toBe('lost-track');
  expect(outcome.message).toContain('info-missing');
  expect(outcome.remedy).toContain('fsck.vfat');
});
