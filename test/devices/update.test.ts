import { expect, test } from 'vitest';
import { choose } from '../../src/devices/choose.ts';
import { sideBySide, update } from '../../src/devices/update.ts';
import { find } from '../../src/index.ts';
import { drain, imageOf } from '../engine/play.ts';
import { buildPayload, createMemoryWorld } from '../fake-volume/index.ts';

test('abandoned runs, side by side, give back their locks and their mounts', async () => {
  const { environment } = createMemoryWorld({ host: 'headless', devices: [{}, {}] });
  const image = await imageOf(buildPayload());
  const targets = choose(await find(environment), { all: true });
  for await (const told of sideBySide(targets.map((target) => update(environment, target, image)))) {
    if ('report' in told && told.report.type === 'phase' && told.report.phase === 'stage') break;
  }
  expect((await find(environment)).map(({ volume }) => volume)).toEqual([null, null]);
  const again = await Promise.all(targets.map((target) => drain(update(environment, target, image))));
  expect(again.map(({ outcome }) => outcome.code)).toEqual(['applied', 'applied']);
});
