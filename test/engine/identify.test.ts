import { describe, expect, test } from 'vitest';
import { buildPayload, createMemoryWorld, scenarioOf } from '../fake-volume/index.ts';
import { playPing, playUpdate } from './play.ts';

describe('an INFO.TXT that contradicts what the device says over USB', () => {
  test('is no reason to wait for the trigger on the card; the remedy is to check the card', async () => {
    const world = createMemoryWorld(scenarioOf('damaged-card'));
    expect((await playUpdate(world.environment, buildPayload())).outcome.code).toBe('returned-stale');
    const { outcome } = await playUpdate(world.environment, buildPayload());
    expect(outcome).toMatchObject({ code: 'lost-track', from: null, to: null, oldFirmware: 'unknown' });
    expect(outcome.message).toContain('info-stale');
    expect(outcome.remedy).toContain('fsck.vfat');
  });

  test('is refused without repeating what it says if this user has no record', async () => {
    const world = createMemoryWorld(scenarioOf('damaged-card'));
    await playUpdate(world.environment, buildPayload());
    const { outcome } = await playUpdate(world.start('ben').environment, buildPayload());
    expect(outcome).toMatchObject({ code: 'info-stale', from: null, to: null, oldFirmware: 'unknown' });
  });
});

describe('what ran before is what ran once the updates of others had ended', () => {
  test('if this run is then refused', async () => {
    const world = createMemoryWorld();
    await playUpdate(world.environment, buildPayload(), { capMs: 3_000 });
    await world.clock.sleep(60_000);
    const between = buildPayload({ version: { major: 1, minor: 5 } });
    const { outcome } = await playUpdate(world.environment, between);
    expect(outcome).toMatchObject({ code: 'image-downgrade', from: '2.0.0+0', to: '2.0.0+0', oldFirmware: 'runs' });
  });

  test('if this run only pings', async () => {
    const world = createMemoryWorld();
    await playUpdate(world.environment, buildPayload(), { capMs: 3_000 });
    await world.clock.sleep(60_000);
    const { outcome } = await playPing(world.environment);
    expect(outcome).toMatchObject({ code: 'ping-answered', from: '2.0.0+0', to: '2.0.0+0', oldFirmware: 'runs' });
  });
});
