import { expect, test } from 'vitest';
import { choose } from '../../src/devices/choose.ts';
import { update } from '../../src/devices/update.ts';
import { find } from '../../src/index.ts';
import { reservedPath } from '../fake-volume/cards/card.ts';
import { buildPayload, createMemoryWorld, RESERVED } from '../fake-volume/index.ts';
import { rewriteValue } from '../fake-volume/scenarios/tamper.ts';
import { drain, imageOf, playUpdate, withLateLooks } from './play.ts';

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

test('where no ports are known, the record of a device that was unplugged is not judged by what another of its serial says', async () => {
  const world = createMemoryWorld({ manners: { ports: 'untold' }, devices: [TWIN, { ...TWIN, plugged: false }] });
  const [device, twin] = world.devices;
  const payload = buildPayload();
  expect((await playUpdate(world.environment, payload, { capMs: 1_000 })).outcome.code).toBe('timed-out');
  device?.unplug();
  // So that it has booted more often than the other one.
  for (let times = 0; times < 3; times += 1) {
    twin?.plug();
    await world.clock.sleep(4_000);
    if (times < 2) twin?.unplug();
    await world.clock.sleep(4_000);
  }
  const { outcome, reports } = await playUpdate(world.environment, payload);
  expect(outcome.code).toBe('applied');
  expect(reports).toContainEqual(expect.objectContaining({ code: 'record-open' }));
  expect(reports).not.toContainEqual(expect.objectContaining({ code: 'record-resolved' }));
});

test('the record of a device that was moved is resolved by its nonce, even in a STATUS.TXT of an earlier boot', async () => {
  let isStale = false;
  const world = createMemoryWorld({
    onOperation(_, { card }) {
      if (isStale) rewriteValue(card, RESERVED.status, 'boot-count', '1');
    },
  });
  const payload = buildPayload();
  expect((await playUpdate(world.environment, payload, { capMs: 6_000 })).outcome.code).toBe('timed-out');
  await world.clock.sleep(60_000);
  const [record] = world.records();
  if (record === undefined) throw new TypeError('the record is open');
  await world.environment.records.save({ ...record, port: '1-9' });
  isStale = true;
  const { reports } = await playUpdate(world.environment, payload);
  expect(reports).toContainEqual(expect.objectContaining({ code: 'record-resolved' }));
  expect(world.records()).toEqual([]);
});

test('a device that returns while a look takes long, once its trigger was read, is not taken for another one', async () => {
  let hasReadTrigger = false;
  const world = createMemoryWorld({
    onOperation({ verb, path, process }) {
      if (process === 2 && verb === 'read' && path === reservedPath(RESERVED.trigger)) hasReadTrigger = true;
    },
  });
  const image = await imageOf(buildPayload());
  const [target] = choose(await find(world.environment), {});
  const first = world.start();
  await new Promise<void>((resolve) => {
    // Killed with its trigger on the device: the promise of that run never ends.
    void drain(update(first.environment, target, image), (phase) => {
      if (phase !== 'release') return;
      first.kill();
      resolve();
    });
  });
  let isLate = false;
  const late = withLateLooks({ ...world, environment: world.start().environment }, () => {
    const isNow = hasReadTrigger && !isLate;
    isLate ||= isNow;
    return isNow;
  });
  const { outcome } = await drain(update(late, target, image));
  expect(outcome.code).toBe('applied');
});
