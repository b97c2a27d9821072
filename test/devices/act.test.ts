import { describe, expect, test } from 'vitest';
import { FAMILIES } from '../../src/protocol/families.ts';
import { run, temporaryFile } from '../cli/harness.ts';
import { createProbeWorld, type ProbeWorld, type ProbeWorldOptions } from '../fake-volume/families/daplink/world.ts';

const probe = (options: ProbeWorldOptions = {}) => createProbeWorld({ automation: true, ...options });
const tell = async ({ environment }: ProbeWorld, ...words: readonly string[]) =>
  run(['action', ...words, '--json'], { environment, families: FAMILIES });

test('without a name it lists what the device can do, and does nothing', async () => {
  const world = probe();
  const { result, events } = await tell(world);
  expect(result).toMatchObject({ code: 'answered' });
  expect(events.filter(({ event }) => event === 'finding').length).toBeGreaterThan(10);
  expect(world.probe.remounts).toBe(0);
});

describe.each([false, true])('an action, where the attachment is renamed with the medium: %s', (isRenamed) => {
  test.each([
    ['auto-reset-off', 'Auto Reset', 0],
    ['overflow-detection-off', 'Overflow detection', 0],
    ['page-erase-on', 'Page erasing', 1],
  ] as const)('%s is done when its key says so', async (name, key, value) => {
    const world = probe({ isRenamed });
    expect((await tell(world, name)).result).toMatchObject({ code: 'action-done', exit: 0 });
    expect(world.probe.switches.get(key)).toBe(value);
  });
});

test('the bootloader is started, and left again', async () => {
  const world = probe();
  expect((await tell(world, 'start-bootloader')).result).toMatchObject({ code: 'action-done' });
  expect((await tell(world, 'start-bootloader')).result).toMatchObject({ code: 'not-ready' });
  expect((await tell(world, 'start-interface')).result).toMatchObject({ code: 'action-done' });
});

test('an erased chip is not called proven', async () => {
  const world = probe();
  expect((await tell(world, 'erase')).result).toMatchObject({ code: 'usage' });
  expect(world.probe.erased).toBe(0);
  expect((await tell(world, 'erase', '--yes')).result).toMatchObject({ code: 'action-unproven', exit: 9 });
  expect(world.probe.erased).toBe(1);
});

test('a drive that is switched off stays away', async () => {
  const world = probe();
  const { result } = await tell(world, 'drive-off');
  expect(result).toMatchObject({ code: 'usage', message: expect.stringContaining('plug it in again') });
  expect((await tell(world, 'drive-off', '--yes')).result).toMatchObject({ code: 'action-done' });
  expect(await world.environment.volumes.list()).toEqual([]);
});

test('where automation is not allowed nothing is written', async () => {
  const world = probe({ automation: false, onSector: () => expect.unreachable() });
  expect((await tell(world, 'refresh')).result).toMatchObject({ code: 'not-ready' });
});

test('a file of the same name that had no effect does not swallow the next one', async () => {
  const world = probe();
  world.probe.switches.set('Automation allowed', 0);
  world.copy('REFRESH.ACT', Buffer.from('\n'));
  world.clock.pass(5_000);
  world.probe.switches.set('Automation allowed', 1);
  expect((await tell(world, 'refresh')).result).toMatchObject({ code: 'action-done' });
});

test('a device without actions has none', async () => {
  expect((await tell(probe(), 'dance')).result).toMatchObject({ code: 'usage' });
});

test('time that the computer slept through is not time that the drive stayed away', async () => {
  const world = probe();
  const { environment, clock } = world;
  const { volumes } = environment;
  let looks: number | null = null;
  const write: typeof volumes.write = async (volume, path, data, options) => {
    if (path !== 'MSD_OFF.CFG') return volumes.write(volume, path, data, options);
    looks = 0;
    return 1;
  };
  const list: typeof volumes.list = async () => {
    if (looks === null || looks >= 2) return volumes.list();
    looks += 1;
    // Whatever is unpowered with the computer is not seen at once when it wakes up.
    if (looks === 1) clock.sleepThrough(60_000, true);
    return [];
  };
  const slept = { ...world, environment: { ...environment, volumes: { ...volumes, write, list } } };
  expect((await tell(slept, 'drive-off', '--yes')).result).toMatchObject({ code: 'action-unproven', exit: 9 });
});

test('an action takes the lock that an update takes, whatever the system makes of the serial', async () => {
  const names: string[] = [];
  const world = probe();
  const { environment } = world;
  const list = async () =>
    (await environment.volumes.list()).map((drive) => ({
      ...drive,
      usb: drive.usb && { ...drive.usb, serial: drive.usb.serial?.toUpperCase() ?? null },
    }));
  const locks = {
    acquire: async (name: string) => {
      names.push(name);
      return async () => {};
    },
  };
  const shouting = { ...world, environment: { ...environment, locks, volumes: { ...environment.volumes, list } } };
  await tell(shouting, 'refresh');
  const image = temporaryFile('new.hex', ':0400000001020304F2\n:00000001FF\n');
  await run(['update', image, '--yes', '--json'], { environment: shouting.environment, families: FAMILIES });
  expect(names).toHaveLength(2);
  expect(new Set(names).size).toBe(1);
});
