import { describe, expect, test } from 'vitest';
import { buildPayload, createMemoryWorld, scenarioOf } from '../../../fake-volume/index.ts';
import { run, temporaryFile } from '../../harness.ts';

const worldOf = (name: string) => createMemoryWorld(scenarioOf(name));

test('no device is an answer too', async () => {
  const { status, stdout } = await run(['list'], createMemoryWorld({ devices: [] }));
  expect(status).toBe(0);
  expect(stdout).toContain('No device');
});

test('devices are listed with what they run and where they are', async () => {
  const { status, stdout } = await run(['list'], createMemoryWorld({ devices: [{}, { runs: null }] }));
  expect(status).toBe(0);
  expect(stdout).toMatch(/SP00000001 +1\.0\.0\+0 +80 % .*ready/);
  expect(stdout).toMatch(/SP00000002 +bootloader/);
});

describe('a device that cannot be used is listed with its problem, never as absent', () => {
  test.each([
    ['gpt', 'card-gpt'],
    ['exfat', 'card-file-system'],
    ['no-card', 'card-missing'],
    ['no-info', 'info-missing'],
    ['headless', 'volume-not-mounted'],
  ])('%s: %s', async (scenario, code) => {
    const { status, events } = await run(['list', '--json'], worldOf(scenario));
    expect(status).toBe(0);
    expect(events).toContainEqual(
      expect.objectContaining({ event: 'device', problem: expect.objectContaining({ code }) }),
    );
  });
});

test('what an old INFO.TXT says of firmware and battery is told as not known', async () => {
  const world = worldOf('damaged-card');
  await run(['update', temporaryFile('firmware.dfu', buildPayload())], world);
  const { stdout } = await run(['list'], world);
  expect(stdout).toMatch(/SP00000001 +unknown +- .*info-stale/);
});

test('nothing is written and nothing is mounted', async () => {
  const world = worldOf('headless');
  await run(['list'], world);
  expect(world.operations.map(({ verb }) => verb)).toEqual([]);
});

test('drives that cannot be listed are a fault, not "no device"', async () => {
  const { status, result } = await run(['list', '--json']);
  expect({ status, code: result?.code }).toEqual({ status: 6, code: 'listing-failed' });
});

test('the quick way and the long way say the same', async () => {
  const quick = await run(['list', '--json'], createMemoryWorld());
  const long = await run(['list', '--json', '--root', '/anywhere'], createMemoryWorld());
  const timeless = (stdout: string): string => stdout.replace(/"elapsedMs":\d+/g, '');
  expect(timeless(quick.stdout)).toBe(timeless(long.stdout));
});
