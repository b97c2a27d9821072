import { expect, test } from 'vitest';
import { choose } from '../../src/devices/choose.ts';
import { update } from '../../src/devices/update.ts';
import { find } from '../../src/index.ts';
import { buildPayload, createMemoryWorld } from '../fake-volume/index.ts';
import { drain, imageOf, playUpdate } from './play.ts';

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
