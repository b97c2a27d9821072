import { describe, expect, test } from 'vitest';
import type { OpenRecord } from '../../../src/protocol/commitment.ts';
import type { MountedVolume } from '../../../src/protocol/sight.ts';
import { RESERVED, reservedPath } from '../cards/card.ts';
import { fieldOf } from '../scenarios/tamper.ts';
import { buildPingTrigger } from '../spacepack/trigger-build.ts';
import type { DeviceOptions, WorldOptions } from '../world-options.ts';
import type { MemoryDevice } from './device.ts';
import type { OperationFailure } from './operations.ts';
import { createMemoryWorld, type MemoryProcess, type MemoryWorld } from './world.ts';

const WRITING = { syncBytes: 16_384, stallMs: 60_000 };

function deviceOf(world: MemoryWorld, index = 0): MemoryDevice {
  const device = world.devices[index];
  if (device === undefined) throw new TypeError(`the world has no device ${index}`);
  return device;
}

async function mounted({ environment }: Pick<MemoryProcess, 'environment'>, number = 0): Promise<MountedVolume> {
  const [drive] = await environment.volumes.list();
  const volume = drive?.volumes[number];
  if (drive === undefined || volume === undefined || volume.mount === null) throw new TypeError('nothing is mounted');
  return { drive, volume, mount: volume.mount };
}

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

const write = (of: Pick<MemoryProcess, 'environment'>, volume: MountedVolume, path = 'a.txt'): Promise<number> =>
  of.environment.volumes.write(volume, path, once('some bytes\n'), WRITING);

const RECORD: OpenRecord = {
  serial: 'SP00000001',
  action: 'ping',
  nonce: 'a'.repeat(32),
  family: 'spacepack',
  memory: { bootCount: 1, session: '0'.repeat(16) },
  newImage: null,
  oldImage: null,
  fromVersion: null,
  toVersion: null,
  port: null,
  timing: { quietMs: 1_500, quietDirtyMs: 40_000, maxAwayMs: 120_000 },
  committedAt: '2026-01-01T00:00:00.000Z',
};

describe('a call to the volume', () => {
  const failing = (failure: Omit<OperationFailure, 'code'>): MemoryWorld =>
    createMemoryWorld({ failures: [{ code: 'volume-io', ...failure }] });

  test.each([
    ['create', 'before', true, null],
    ['create', 'after', false, null],
    ['fsync', 'before', false, null],
    ['fsync', 'after', false, 11],
    ['close', 'after', false, 11],
  ] as const)(
    'that fails: %s, %s its effect, has no effect: %s; on the card: %s',
    async (verb, when, noEffect, bytes) => {
      const world = failing({ verb, when });
      await expect(write(world, await mounted(world))).rejects.toMatchObject({ code: 'volume-io', noEffect });
      expect(deviceOf(world).card.read('a.txt')?.length ?? null).toBe(bytes);
    },
  );

  test('that fails before its effect is made good by the system when it writes its cache back', async () => {
    const world = failing({ verb: 'fsync', when: 'before' });
    await expect(write(world, await mounted(world))).rejects.toMatchObject({ code: 'volume-io' });
    world.pass(33_000);
    expect(deviceOf(world).card.read('a.txt')).toHaveLength(11);
  });

  test.each([
    ['never', null],
    ['late', 11],
  ] as const)('that hangs is given up after its limit, and takes effect: %s', async (hang, bytes) => {
    const failures = [{ verb: 'fsync', hang, code: 'volume-io' }] as const;
    const world = createMemoryWorld({ failures, manners: { writeBackMs: 1_000_000 } });
    const began = world.clock.now();
    await expect(write(world, await mounted(world))).rejects.toMatchObject({ code: 'volume-stalled' });
    expect(world.clock.now() - began).toBeGreaterThanOrEqual(60_000);
    world.pass(29_000);
    expect(deviceOf(world).card.read('a.txt')).toBeNull();
    world.pass(5_000);
    expect(deviceOf(world).card.read('a.txt')?.length ?? null).toBe(bytes);
  });

  test('that hangs while a look is due: the look fails by itself', async () => {
    const world = createMemoryWorld({ lookFailures: [{ visits: [1], hang: true }] });
    await expect(world.environment.volumes.list()).rejects.toMatchObject({ code: 'listing-failed' });
    expect(await world.environment.volumes.list()).toHaveLength(1);
  });
});

describe('the own disk', () => {
  test.each([
    ['before', 0],
    ['after', 1],
  ] as const)('that fails %s the effect of a save has %i records', async (when, records) => {
    const world = createMemoryWorld({ ownDisk: [{ calls: ['save'], when }] });
    await expect(world.environment.records.save(RECORD)).rejects.toMatchObject({ code: 'own-disk' });
    expect(world.records()).toHaveLength(records);
  });

  test('fails from the call on that it was told of, as often as it was told', async () => {
    const world = createMemoryWorld({ ownDisk: [{ from: 2, count: 1 }] });
    const { records } = world.environment;
    await records.prepare();
    await expect(records.save(RECORD)).rejects.toMatchObject({ code: 'own-disk' });
    await records.save(RECORD);
    expect(await records.list()).toEqual([RECORD]);
  });

  test('keeps the records of each user, and one lock for all', async () => {
    const world = createMemoryWorld();
    const [anna, ben] = [world.start('anna'), world.start('ben')];
    await anna.environment.records.save(RECORD);
    expect(await ben.environment.records.list()).toEqual([]);
    await anna.environment.locks.acquire('a device');
    await expect(ben.environment.locks.acquire('a device')).rejects.toMatchObject({ code: 'device-locked' });
    anna.kill();
    await ben.environment.locks.acquire('a device');
    expect(await world.start('anna').environment.records.list()).toEqual([RECORD]);
  });
});

describe('a run', () => {
  test('that is killed does not go on, and what it held is free', async () => {
    const world = createMemoryWorld({ onOperation: ({ verb }) => void (verb === 'fsync' && killed.kill()) });
    const killed = world.start();
    const volume = await mounted(killed);
    await killed.environment.volumes.hold(volume);
    const other = world.start('another');
    await expect(other.environment.volumes.hold(volume)).rejects.toMatchObject({ code: 'device-locked' });
    await expect(other.environment.volumes.release(volume)).rejects.toMatchObject({ code: 'volume-busy' });
    let isOver = false;
    const over = () => {
      isOver = true;
    };
    write(killed, volume).then(over, over);
    await world.clock.sleep(600_000);
    expect(isOver).toBe(false);
    await other.environment.volumes.hold(volume);
  });

  test('that is stopped goes on later, with an answer that is old by then', async () => {
    const world = createMemoryWorld({ listMs: 100 });
    const run = world.start();
    const looking = run.environment.volumes.list();
    run.stop();
    world.later(1_000, () => deviceOf(world).unplug());
    world.later(70_000, () => run.resume());
    const before = run.environment.clock.gaps();
    await world.clock.sleep(80_000);
    expect(await looking).toHaveLength(1);
    expect(run.environment.clock.gaps()).toBe(before);
    expect(await run.environment.volumes.list()).toEqual([]);
  });
});

describe('a computer that sleeps', () => {
  test.each([
    [true, 71_000],
    [false, 10_000],
  ])('wakes with a gap, and its clock has counted it: %s', async (isCounted, ms) => {
    const world = createMemoryWorld();
    const { clock } = world.environment;
    const [began, gaps] = [clock.now(), clock.gaps()];
    world.later(1_000, () => world.sleepThrough(70_000, { isCounted }));
    await clock.sleep(10_000);
    expect(clock.gaps()).toBe(gaps + 1);
    expect(clock.now() - began).toBe(ms);
  });

  test('finds a device attached anew that was away and back meanwhile', async () => {
    const world = createMemoryWorld();
    const before = await mounted(world);
    world.later(10, () => world.sleepThrough(70_000));
    world.later(1_000, () => deviceOf(world).unplug());
    world.later(2_000, () => deviceOf(world).plug());
    await world.clock.sleep(80_000);
    const after = await mounted(world);
    expect(after.drive.attachment).not.toBe(before.drive.attachment);
    expect(after.mount.id).not.toBe(before.mount.id);
  });

  test('takes the power from its bus, if it is told so', async () => {
    const world = createMemoryWorld();
    const { bootCount } = deviceOf(world).firmware.memory;
    world.sleepThrough(70_000, { busPower: false });
    world.pass(80_000);
    expect(deviceOf(world).firmware.memory.bootCount).toBe(bootCount + 1);
  });
});

describe('what the system tells of a device', () => {
  async function told(options: WorldOptions): Promise<readonly (string | null | undefined)[]> {
    const [drive] = await createMemoryWorld(options).environment.volumes.list();
    return [drive?.usb?.serial, drive?.usb?.port];
  }

  test.each<[string, WorldOptions, readonly (string | null)[]]>([
    ['all', {}, ['SPa1', '1-1']],
    ['serials in capitals', { manners: { serials: 'capitals' } }, ['SPA1', '1-1']],
    ['no serials', { manners: { serials: 'untold' } }, [null, '1-1']],
    ['no ports', { manners: { ports: 'untold' } }, ['SPa1', null]],
  ])('%s', async (_, options, expected) => {
    expect(await told({ ...options, devices: [{ settings: { serial: 'SPa1' } }] })).toEqual(expected);
  });

  test('may be no serial in its descriptor, and another port', async () => {
    expect(await told({ devices: [{ usbSerial: null, port: '2-4' }] })).toEqual([null, '2-4']);
  });

  test('is the same name for every attachment, if it is told so', async () => {
    const world = createMemoryWorld({ manners: { attachments: 'kept' } });
    const before = await mounted(world);
    deviceOf(world).unplug();
    deviceOf(world).plug();
    world.pass(5_000);
    const after = await mounted(world);
    expect(after.drive.attachment).toBe(before.drive.attachment);
    await expect(world.environment.volumes.entries(before, '')).rejects.toMatchObject({ code: 'volume-gone' });
  });

  test('is the first free name of a drive, which a twin may get', async () => {
    const world = createMemoryWorld({ devices: [{}, { plugged: false }] });
    const [one, two] = [deviceOf(world, 0), deviceOf(world, 1)];
    const name = one.driveId;
    one.unplug();
    two.plug();
    world.pass(5_000);
    expect([one.driveId, two.driveId]).toEqual([null, name]);
  });
});

describe('a card', () => {
  const world = (device: DeviceOptions): MemoryWorld => createMemoryWorld({ devices: [device] });

  test.each<[string, DeviceOptions]>([
    ['is full', { card: { isAsGiven: true, freeBytes: 0 } }],
    ['has a full root folder', { card: { rootIsFull: true } }],
    ['is dirty', { card: { isAsGiven: true, dirty: true } }],
  ])('that %s gets no INFO.TXT', (_, device) => {
    expect(deviceOf(world(device)).card.read(reservedPath(RESERVED.info))).toBeNull();
  });

  test('that is mounted for reading only keeps its dirty mark as it is', async () => {
    const headless = createMemoryWorld({ host: 'headless' });
    const { volumes } = headless.environment;
    const [drive] = await volumes.list();
    const [volume] = drive?.volumes ?? [];
    if (drive === undefined || volume === undefined) throw new TypeError('a device is plugged in');
    const wakes = deviceOf(headless).firmware.nextWakeMs();
    await volumes.mount(drive, volume, { readOnly: true });
    const mount = await mounted(headless);
    expect(mount.mount.readOnly).toBe(true);
    await expect(write(headless, mount)).rejects.toMatchObject({ code: 'volume-read-only' });
    await volumes.release(mount);
    expect(deviceOf(headless).firmware.nextWakeMs()).toBe(wakes);
  });

  /** Commits a ping and releases the control volume alone. */
  async function ping(of: MemoryWorld): Promise<void> {
    const { card, firmware, serial } = deviceOf(of);
    const session = fieldOf(card, RESERVED.info, 'session');
    const trigger = { nonce: 'b'.repeat(32), serial, bootCount: firmware.memory.bootCount, session };
    const volume = await mounted(of);
    const bytes = Buffer.from(buildPingTrigger(trigger)).toString();
    await of.environment.volumes.write(volume, reservedPath(RESERVED.trigger), once(bytes), WRITING);
    await of.environment.volumes.release(volume);
  }

  test.each([
    [false, [{ device: 0, slot: 1, path: 'b.txt', byTheDevice: true }]],
    [true, []],
  ] as const)(
    'loses what is not synced on its other partition, if that was released first: %s',
    async (isReleased, lost) => {
      const two = world({ card: { partitions: [{}] } });
      expect(deviceOf(two).save(1, 'b.txt', Buffer.from('b'))).toBe(true);
      if (isReleased) await two.environment.volumes.release(await mounted(two, 1));
      await ping(two);
      two.pass(10_000);
      expect(two.lost).toEqual(lost);
      expect(deviceOf(two).partitions[0]?.nodes.has('b.txt')).toBe(isReleased);
    },
  );

  test('that is in the fstab is mounted at the start, and not when it comes back', async () => {
    const two = world({ card: { partitions: [{ isInFstab: true }] } });
    await mounted(two, 1);
    deviceOf(two).unplug();
    deviceOf(two).plug();
    two.pass(10_000);
    await mounted(two, 0);
    await expect(mounted(two, 1)).rejects.toThrow('nothing is mounted');
  });
});
