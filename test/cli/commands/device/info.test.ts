import { describe, expect, test } from 'vitest';
import { createProbeWorld } from '../../../fake-volume/families/daplink/world.ts';
import { buildPayload, createMemoryWorld, RESERVED, scenarioOf } from '../../../fake-volume/index.ts';
import { rewriteValue } from '../../../fake-volume/scenarios/tamper.ts';
import { run, temporaryFile } from '../../harness.ts';

test('a device says what it is and what it runs', async () => {
  const { status, stdout } = await run(['info'], createMemoryWorld());
  expect(status).toBe(0);
  for (const text of ['SP00000001', 'SpacePack', '1.0.0+0', '80 %', '19E7:1111']) expect(stdout).toContain(text);
});

test('a device that does not say what runs is not said to be in its bootloader', async () => {
  const { environment } = createProbeWorld();
  const { result } = await run(['info', '--json'], { environment });
  expect(result).toMatchObject({ code: 'answered', from: null, message: 'The device does not say what runs.' });
});

test('after an update it also shows the last answer', async () => {
  const { environment } = createMemoryWorld();
  await run(['update', temporaryFile('firmware.dfu', buildPayload())], { environment });
  const { events, result } = await run(['info', '--json'], { environment });
  expect(events).toContainEqual(expect.objectContaining({ event: 'answer', state: 'applied', to: '2.0.0+0' }));
  expect(result).toMatchObject({ code: 'answered', from: '2.0.0+0' });
});

test('a volume that is not mounted is mounted for the look and left as it was', async () => {
  const world = createMemoryWorld(scenarioOf('headless'));
  const { status, events } = await run(['info', '--json'], world);
  expect(status).toBe(0);
  expect(events).toContainEqual(
    expect.objectContaining({ event: 'device', info: expect.objectContaining({ version: '1.0.0+0' }) }),
  );
  const verbs = world.operations.map(({ verb }) => verb);
  expect([verbs.at(0), verbs.at(-1)]).toEqual(['mount', 'release']);
});

describe('a device that cannot be read is shown as far as it goes', () => {
  test.each([
    ['gpt', 'card-gpt'],
    ['no-info', 'info-missing'],
  ])('%s', async (scenario, code) => {
    const { status, result, events } = await run(['info', '--json'], createMemoryWorld(scenarioOf(scenario)));
    expect(result?.code).toBe(code);
    expect(status).toBe(6);
    expect(events.filter(({ event }) => event === 'device')).toHaveLength(1);
  });
});

describe('what is not so any more is told as no fact', () => {
  test('an INFO.TXT that contradicts what the device says over USB', async () => {
    const world = createMemoryWorld(scenarioOf('damaged-card'));
    await run(['update', temporaryFile('firmware.dfu', buildPayload())], world);
    const { stdout } = await run(['info'], world);
    expect(stdout).toContain('found firmware 1.0.0+0');
    expect(stdout).not.toMatch(/^(firmware|image|mode|battery|last answer) /m);
  });

  test('a STATUS.TXT of an earlier boot (protocol §6.1)', async () => {
    const world = createMemoryWorld();
    await run(['update', temporaryFile('firmware.dfu', buildPayload())], world);
    for (const { card } of world.devices) rewriteValue(card, RESERVED.status, 'boot-count', '1');
    const { events } = await run(['info', '--json'], world);
    expect(events.filter(({ event }) => event === 'answer')).toEqual([]);
  });
});

test('of several devices one must be chosen', async () => {
  const world = createMemoryWorld({ devices: [{}, {}] });
  expect((await run(['info'], world)).status).toBe(4);
  expect((await run(['info', '--device', 'sp00000002'], world)).status).toBe(0);
});
