import { describe, expect, test } from 'vitest';
import type { MountedVolume } from '../../../src/protocol/sight.ts';
import { RESERVED, reservedPath } from '../cards/card.ts';
import { changedFiles } from '../cards/content.ts';
import { type Fields, readText } from '../spacepack/grammar.ts';
import { buildPayload } from '../spacepack/image/build.ts';
import { buildInstallTrigger } from '../spacepack/trigger-build.ts';
import type { WorldOptions } from '../world-options.ts';
import type { MemoryDevice } from './device.ts';
import { createMemoryWorld, type MemoryWorld } from './world.ts';

const PAYLOAD = buildPayload();
const WRITING = { syncBytes: 16_384, stallMs: 60_000 };

function deviceOf(world: MemoryWorld, index = 0): MemoryDevice {
  const device = world.devices[index];
  if (device === undefined) throw new TypeError(`the world has no device ${index}`);
  return device;
}

async function mounted(world: MemoryWorld, serial = 'SP00000001'): Promise<MountedVolume> {
  for (;;) {
    const drive = (await world.environment.volumes.list()).find(({ usb }) => usb?.serial === serial);
    const [volume] = drive?.volumes ?? [];
    if (drive !== undefined && volume !== undefined && volume.mount !== null)
      return { drive, volume, mount: volume.mount };
    await world.environment.volumes.changed(world.environment.volumes.changeCount(), 500);
  }
}

async function* chunks(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 4096) yield bytes.subarray(at, at + 4096);
}

async function fields(world: MemoryWorld, volume: MountedVolume, path: string): Promise<Fields> {
  const text = readText((await world.environment.volumes.read(volume, path, 4097)) ?? new Uint8Array(), 4096);
  return text.kind === 'intact' ? text.fields : new Map();
}

/** What a host does, without its care: payload, trigger, release, and waiting. */
async function installOn(world: MemoryWorld, serial?: string, nonce = 'ab'.repeat(16)): Promise<Fields> {
  const { volumes } = world.environment;
  const volume = await mounted(world, serial);
  const info = await fields(world, volume, reservedPath(RESERVED.info));
  const trigger = buildInstallTrigger(
    {
      nonce,
      serial: info.get('serial') ?? '',
      bootCount: Number(info.get('boot-count')),
      session: info.get('session') ?? '',
    },
    PAYLOAD,
  );
  await volumes.write(volume, reservedPath(RESERVED.payload), chunks(PAYLOAD), WRITING);
  await volumes.write(volume, reservedPath(RESERVED.trigger), chunks(trigger), WRITING);
  await volumes.release(volume);
  const isThere = async () => (await volumes.list()).some(({ attachment }) => attachment === volume.drive.attachment);
  while (await isThere()) await volumes.changed(volumes.changeCount(), 1_000);
  return fields(world, await mounted(world, serial), reservedPath(RESERVED.status));
}

describe('a world in memory', () => {
  test('shows a device that takes an image, leaves, and comes back with it; the user finds every byte', async () => {
    const world = createMemoryWorld();
    const before = deviceOf(world).userFiles();
    const status = await installOn(world);
    expect(status.get('state')).toBe('applied');
    const again = await mounted(world);
    expect((await fields(world, again, reservedPath(RESERVED.info))).get('version')).toBe('2.0.0+0');
    const names = (await world.environment.volumes.entries(again, 'SPACEPAK'))?.map(({ name }) => name);
    expect(names?.sort()).toEqual(['INFO.TXT', 'STATUS.TXT']);
    expect(changedFiles(before, deviceOf(world).userFiles())).toEqual([]);
    expect(before.size).toBeGreaterThan(3);
  });

  test('lets two hosts work side by side, in the time of one', async () => {
    const alone = createMemoryWorld();
    await installOn(alone);
    const world = createMemoryWorld({ devices: [{}, {}] });
    const answers = await Promise.all([installOn(world, 'SP00000001'), installOn(world, 'SP00000002')]);
    expect(answers.map((status) => status.get('state'))).toEqual(['applied', 'applied']);
    expect(world.clock.now()).toBeLessThan(alone.clock.now() * 1.1);
  });

  test('does the same thing twice', async () => {
    const [one, two] = [createMemoryWorld(), createMemoryWorld()];
    await Promise.all([installOn(one), installOn(two)]);
    expect(one.clock.now()).toBe(two.clock.now());
    expect(deviceOf(one).log).toEqual(deviceOf(two).log);
    expect(one.operations).toEqual(two.operations);
  });

  test('mounts twins of one label under two paths', async () => {
    const world = createMemoryWorld({ devices: [{}, {}] });
    const drives = await world.environment.volumes.list();
    expect(drives.map(({ volumes }) => volumes[0]?.mount?.path)).toEqual(['/media/SPACEPACK', '/media/SPACEPACK 1']);
    expect(new Set(drives.map(({ id }) => id)).size).toBe(2);
  });

  test('mounts nothing on a headless computer', async () => {
    const world = createMemoryWorld({ host: 'headless' });
    const [drive] = await world.environment.volumes.list();
    expect(drive?.volumes[0]?.mount).toBeNull();
    if (drive?.volumes[0] !== undefined) await world.environment.volumes.mount(drive, drive.volumes[0]);
    expect((await mounted(world)).mount.path).toBe('/media/SPACEPACK');
  });

  test('mounts for reading alone', async () => {
    const world = createMemoryWorld({ host: 'headless' });
    const { volumes } = world.environment;
    const [drive] = await volumes.list();
    const [volume] = drive?.volumes ?? [];
    if (drive === undefined || volume === undefined) throw new Error('expected a volume');
    await volumes.mount(drive, volume, { readOnly: true });
    const readOnly = await mounted(world);
    expect(readOnly.mount.readOnly).toBe(true);
    await expect(volumes.remove(readOnly, 'SPACEPAK/UPDATE.BIN')).rejects.toMatchObject({ code: 'volume-read-only' });
    await volumes.release(readOnly);
    await volumes.mount(drive, volume);
    expect((await mounted(world)).mount.readOnly).toBe(false);
  });

  test.each<['desktop' | 'headless', string]>([
    ['desktop', '/media/SPACEPACK'],
    ['headless', '/media/SPACEPACK 1'],
  ])('of a %s computer mounts a device that was pulled and came back at %s', async (host, path) => {
    const world = createMemoryWorld({ host });
    const { volumes } = world.environment;
    const mountIt = async () => {
      const [drive] = await volumes.list();
      if (drive?.volumes[0] !== undefined) await volumes.mount(drive, drive.volumes[0]);
      return mounted(world);
    };
    const first = await mountIt();
    expect(first.mount.path).toBe('/media/SPACEPACK');
    deviceOf(world).unplug();
    expect(await volumes.list()).toEqual([]);
    deviceOf(world).plug();
    world.pass(5_000);
    const again = await mountIt();
    expect(again.mount.path).toBe(path);
    expect(again.drive.id).toBe(first.drive.id);
    expect(again.drive.attachment).not.toBe(first.drive.attachment);
    expect(again.mount.id).not.toBe(first.mount.id);
  });

  test('wakes whoever waits for a change, and no later', async () => {
    const world = createMemoryWorld({ devices: [{ plugged: false }] });
    world.clock.sleep(5_000).then(
      () => deviceOf(world).plug(),
      () => {},
    );
    await world.environment.volumes.changed(world.environment.volumes.changeCount(), 60_000);
    expect(world.clock.now()).toBeLessThan(8_500);
    expect((await world.environment.volumes.list()).length).toBe(1);
  });

  test('wakes nobody if it is told so', async () => {
    const world = createMemoryWorld({ devices: [{ plugged: false }], manners: { wakeUps: false } });
    const began = world.clock.now();
    deviceOf(world).plug();
    await world.environment.volumes.changed(world.environment.volumes.changeCount(), 60_000);
    expect(world.clock.now() - began).toBe(60_000);
  });
});

describe('what a surprise removal leaves on the card', () => {
  /** Unplugs before this step of writing 40000 bytes takes effect, and tells what of them is on the card. */
  async function leftAfter(verb: string, visit: number, options: WorldOptions = {}): Promise<number | null> {
    const world = createMemoryWorld({
      ...options,
      onOperation(operation, device) {
        if (operation.verb === verb && operation.visit === visit) device.unplug();
      },
    });
    const writing = world.environment.volumes.write(
      await mounted(world),
      'a.bin',
      chunks(Buffer.alloc(40_000)),
      WRITING,
    );
    await expect(writing).rejects.toMatchObject({ code: 'volume-gone' });
    return deviceOf(world).card.read('a.bin')?.length ?? null;
  }

  test.each<[string, number, number | null]>([
    ['create', 1, null],
    ['chunk', 1, null],
    ['chunk', 4, null],
    ['fsync', 1, null],
    ['chunk', 5, 16_384],
    ['fsync', 2, 16_384],
    ['fsync', 3, 32_768],
    ['close', 1, 40_000],
  ])('before %s %i: %s bytes', async (verb, visit, bytes) => {
    expect(await leftAfter(verb, visit)).toBe(bytes);
  });

  test('is an empty entry, where the entries come late', async () => {
    expect(await leftAfter('close', 1, { lateEntries: true })).toBe(0);
  });
});

describe('every verb', () => {
  const verbs: readonly [string, (world: MemoryWorld, volume: MountedVolume) => Promise<unknown>][] = [
    ['release', ({ environment }, volume) => environment.volumes.release(volume)],
    ['entries', ({ environment }, volume) => environment.volumes.entries(volume, '')],
    ['read', ({ environment }, volume) => environment.volumes.read(volume, 'empty.txt', 10)],
    ['read-back', ({ environment }, volume) => environment.volumes.readBack(volume, 'empty.txt')],
    ['remove', ({ environment }, volume) => environment.volumes.remove(volume, 'none.txt')],
    ['free-bytes', ({ environment }, volume) => environment.volumes.freeBytes(volume)],
    ['write', ({ environment }, volume) => environment.volumes.write(volume, 'a', chunks(PAYLOAD), WRITING)],
  ];

  test.each(verbs)('%s refuses a mount that is another by now', async (_, act) => {
    const world = createMemoryWorld();
    const volume = await mounted(world);
    deviceOf(world).unplug();
    deviceOf(world).plug();
    world.pass(10_000);
    await expect(act(world, volume)).rejects.toMatchObject({ code: 'volume-gone' });
    await expect(act(world, await mounted(world))).resolves.not.toThrow();
  });

  test.each(verbs)('%s refuses a mount that was released and made anew on the same attachment', async (_, act) => {
    const world = createMemoryWorld();
    const volume = await mounted(world);
    await world.environment.volumes.release(volume);
    await world.environment.volumes.mount(volume.drive, volume.volume);
    expect((await mounted(world)).drive.attachment).toBe(volume.drive.attachment);
    await expect(act(world, volume)).rejects.toMatchObject({ code: 'volume-gone' });
  });

  test.each(verbs)('%s is counted, and fails where it is told to', async (verb, act) => {
    const step = verb === 'write' ? 'fsync' : (verb as 'read');
    const world = createMemoryWorld({ failures: [{ verb: step, visits: [1], code: 'volume-io' }] });
    const volume = await mounted(world);
    await expect(act(world, volume)).rejects.toMatchObject({ code: 'volume-io' });
    expect(world.operations.at(-1)).toMatchObject({ verb: step, visit: 1, serial: 'SP00000001' });
  });
});

describe('a volume', () => {
  test('that is read-only can be read, not written', async () => {
    const world = createMemoryWorld({ devices: [{ card: { writeProtected: true } }] });
    const volume = await mounted(world);
    expect(volume.mount.readOnly).toBe(true);
    expect((await fields(world, volume, reservedPath(RESERVED.info))).get('model')).toBe('SpacePack');
    const { volumes } = world.environment;
    await expect(volumes.remove(volume, 'empty.txt')).rejects.toMatchObject({ code: 'volume-read-only' });
    await expect(volumes.write(volume, 'a', chunks(PAYLOAD), WRITING)).rejects.toMatchObject({
      code: 'volume-read-only',
    });
  });

  test('that is full takes what fits, and keeps it until it is removed', async () => {
    const world = createMemoryWorld({ devices: [{ card: { freeBytes: 20_000 } }] });
    const { volumes } = world.environment;
    const volume = await mounted(world);
    await expect(volumes.write(volume, 'a.bin', chunks(Buffer.alloc(40_000)), WRITING)).rejects.toMatchObject({
      code: 'volume-full',
    });
    expect((await volumes.entries(volume, ''))?.map(({ name }) => name)).toContain('a.bin');
    await volumes.remove(volume, 'a.bin');
    await volumes.write(volume, 'a.bin', chunks(Buffer.alloc(16_000)), WRITING);
  });

  test('is released without writing again what was durable before', async () => {
    const world = createMemoryWorld();
    const { volumes } = world.environment;
    const volume = await mounted(world);
    await volumes.write(volume, 'a.bin', chunks(PAYLOAD), WRITING);
    deviceOf(world).card.write('a.bin', Buffer.from('changed on the card'));
    await volumes.release(volume);
    expect(deviceOf(world).card.read('a.bin')?.length).toBe('changed on the card'.length);
  });

  test('finds names as a FAT does, and does not write over one', async () => {
    const world = createMemoryWorld();
    const { volumes } = world.environment;
    const volume = await mounted(world);
    expect(await volumes.read(volume, 'spacepak/info.txt', 10)).toHaveLength(10);
    expect(await volumes.entries(volume, 'NOWHERE')).toBeNull();
    expect(await volumes.read(volume, 'NOTHING.TXT', 10)).toBeNull();
    await expect(volumes.write(volume, 'EMPTY.TXT', chunks(PAYLOAD), WRITING)).rejects.toMatchObject({
      code: 'volume-foreign',
    });
  });

  test('that was left dirty once never looks clean again, so that the device waits for its longer window', async () => {
    const clean = createMemoryWorld();
    const dirty = createMemoryWorld({ devices: [{ card: { dirty: true } }] });
    const { quietMs, quietDirtyMs } = deviceOf(clean).firmware.settings;
    for (const turn of [1, 2]) {
      const nonce = `0${turn}`.repeat(16);
      await Promise.all([installOn(clean, undefined, nonce), installOn(dirty, undefined, nonce)]);
      expect(dirty.clock.now() - clean.clock.now()).toBe(turn * (quietDirtyMs - quietMs));
    }
  });
});
