import { describe, expect, test } from 'vitest';
import { choose } from '../../src/devices/choose.ts';
import { sideBySide, update } from '../../src/devices/update.ts';
import type { Report } from '../../src/engine/report.ts';
import { find } from '../../src/index.ts';
import type { Drive, MountedVolume } from '../../src/protocol/sight.ts';
import type { Info } from '../../src/protocol/spacepack/info.ts';
import type { Environment } from '../../src/volume/port.ts';
import {
  buildPayload,
  buildPingTrigger,
  createMemoryWorld,
  type MemoryWorld,
  scenarios,
} from '../fake-volume/index.ts';
import { drain, imageOf, playPing, playUpdate } from './play.ts';

const PAYLOAD = buildPayload();
const WRITING = ['create', 'chunk', 'fsync', 'close', 'remove'];

const writes = (world: MemoryWorld): number => world.operations.filter(({ verb }) => WRITING.includes(verb)).length;
const notices = (reports: readonly Report[]): string[] =>
  reports.flatMap((report) => (report.type === 'notice' ? [report.code] : []));

function only<T>(items: readonly T[]): T {
  const [item] = items;
  if (item === undefined || items.length !== 1) throw new TypeError(`expected one, found ${items.length}`);
  return item;
}

describe('an update', () => {
  test('goes through the phases in order, says what ran and what runs, and leaves nothing behind', async () => {
    const world = createMemoryWorld();
    const { outcome, phases } = await playUpdate(world.environment, PAYLOAD);
    expect(outcome).toMatchObject({ verdict: 'applied', from: '1.0.0+0', to: '2.0.0+0', readBack: 'direct' });
    expect(phases).toEqual(['discover', 'identify', 'stage', 'commit', 'release', 'depart', 'return', 'confirm']);
    expect(await world.environment.records.list()).toEqual([]);
  });

  test('that the volume has no room for writes nothing', async () => {
    const world = createMemoryWorld({ devices: [{ card: { freeBytes: 1000 } }] });
    expect((await playUpdate(world.environment, PAYLOAD)).outcome.code).toBe('volume-full');
    expect(writes(world)).toBe(0);
  });

  test('continues on a new mount if removing what an earlier run left turns the volume read-only', async () => {
    const world = createMemoryWorld({
      failures: [{ verb: 'create', path: 'SPACEPAK/UPDATE.BIN', visits: [1], code: 'volume-read-only' }],
    });
    only(world.devices).card.write('SPACEPAK/UPDATE.BIN', new Uint8Array(5));
    const { outcome, reports } = await playUpdate(world.environment, PAYLOAD);
    expect(outcome.code).toBe('applied');
    expect(notices(reports)).toEqual(['leftover-removed', 'mounted-anew']);
  });

  test('is refused by a volume that stays read-only', async () => {
    const world = createMemoryWorld({
      failures: [{ verb: 'create', path: 'SPACEPAK/UPDATE.BIN', code: 'volume-read-only' }],
    });
    expect((await playUpdate(world.environment, PAYLOAD)).outcome.code).toBe('volume-read-only');
  });

  test('takes no other device for its own if the system reports no serial number', async () => {
    const world = createMemoryWorld({ devices: [{}, {}] });
    const [own, twin] = world.devices;
    const { volumes } = world.environment;
    const environment: Environment = {
      ...world.environment,
      volumes: {
        ...volumes,
        list: async () =>
          (await volumes.list()).map((drive) => ({ ...drive, usb: drive.usb && { ...drive.usb, serial: null } })),
      },
    };
    // So that it runs the very image, at a later boot.
    await playUpdate(environment, PAYLOAD, { device: '1-2' });
    twin?.unplug();
    await world.clock.sleep(5_000);
    const [target] = choose(await find(environment), { device: '1-1' });
    const { outcome } = await drain(update(environment, target, await imageOf(PAYLOAD)), (phase) => {
      if (phase === 'return') twin?.plug();
    });
    expect(outcome).toMatchObject({ code: 'applied', device: 'SP00000001' });
    expect(own?.firmware.runningHash).toBe((await imageOf(PAYLOAD)).imageHash);
  });

  test('to what runs already writes nothing', async () => {
    const world = createMemoryWorld();
    await playUpdate(world.environment, PAYLOAD);
    const before = writes(world);
    const { outcome } = await playUpdate(world.environment, PAYLOAD);
    expect(outcome).toMatchObject({ verdict: 'unchanged', code: 'already-current' });
    expect(writes(world)).toBe(before);
  });

  test('with --dry-run writes nothing', async () => {
    const world = createMemoryWorld();
    const { outcome } = await playUpdate(world.environment, PAYLOAD, { dryRun: true });
    expect(outcome).toMatchObject({ verdict: 'unchanged', code: 'would-apply', to: '1.0.0+0' });
    expect(writes(world)).toBe(0);
  });

  test('with --dry-run does not repeat what it read, if another run had time to replace it', async () => {
    const world = createMemoryWorld();
    const { volumes } = world.environment;
    const freeBytes = async (volume: MountedVolume): Promise<number> => {
      const free = await volumes.freeBytes(volume);
      await playUpdate(world.start('ben').environment, PAYLOAD);
      return free;
    };
    const slow: Environment = { ...world.environment, volumes: { ...volumes, freeBytes } };
    const { outcome } = await playUpdate(slow, PAYLOAD, { dryRun: true });
    expect(only(world.devices).firmware.runningHash).toBe((await imageOf(PAYLOAD)).imageHash);
    expect(outcome).toMatchObject({ code: 'would-apply', from: '1.0.0+0', to: null, oldFirmware: 'unknown' });
  });

  test('to an older version needs to be allowed', async () => {
    const world = createMemoryWorld();
    const older = buildPayload({ version: { major: 0, minor: 9 } });
    expect((await playUpdate(world.environment, older)).outcome.code).toBe('image-downgrade');
    expect(writes(world)).toBe(0);
    const { outcome } = await playUpdate(world.environment, older, { allowDowngrade: true });
    expect(outcome).toMatchObject({ code: 'applied', to: '0.9.0+0' });
  });

  test('on a computer without an automounter mounts the volume, and leaves it unmounted', async () => {
    const world = createMemoryWorld({ host: 'headless' });
    const { outcome } = await playUpdate(world.environment, PAYLOAD);
    expect(outcome.code).toBe('applied');
    expect(only(await find(world.environment)).volume).toBeNull();
  });

  test('leaves a live trigger alone that another program has written after the return', async () => {
    const world = createMemoryWorld();
    const { card, firmware } = only(world.devices);
    const target = only(choose(await find(world.environment), {}));
    const running = update(world.environment, target, await imageOf(PAYLOAD));
    const path = 'SPACEPAK/UPDATE.TRG';
    const { outcome } = await drain(running, (began) => {
      if (began !== 'confirm') return;
      const session = /Session: (\w+)/.exec(Buffer.from(card.read('SPACEPAK/INFO.TXT') ?? []).toString())?.[1] ?? '';
      const { bootCount } = firmware.memory;
      card.write(path, buildPingTrigger({ nonce: 'f'.repeat(32), serial: 'SP00000001', bootCount, session }));
    });
    expect(outcome.code).toBe('applied');
    expect(card.read(path)).not.toBeNull();
  });

  test('is refused while another run has the device, and that run continues', async () => {
    const world = createMemoryWorld();
    const [first, second] = await Promise.all([
      playUpdate(world.environment, PAYLOAD),
      playUpdate(world.environment, PAYLOAD),
    ]);
    expect([first.outcome.code, second.outcome.code].sort()).toEqual(['applied', 'device-locked']);
  });
});

/** The same world on a system that gives every attachment of a device one name, and may not notice that it was away. */
function withoutAttachments({ environment }: MemoryWorld, notices: boolean): Environment {
  const { volumes } = environment;
  const named = <T extends Drive>(drive: T): T => ({ ...drive, attachment: drive.usb?.serial ?? drive.id });
  let last: readonly Drive[] = [];
  const list = async (): Promise<readonly Drive[]> => {
    const drives = (await volumes.list()).map(named);
    if (notices || drives.some((drive) => drive.volumes.length > 0)) last = drives;
    return last;
  };
  const real = async (volume: MountedVolume): Promise<MountedVolume> => {
    const drive = (await volumes.list()).find(({ volumes: [first] }) => first?.mount?.id === volume.mount.id);
    return drive === undefined ? volume : { ...volume, drive };
  };
  return {
    ...environment,
    volumes: {
      ...volumes,
      list,
      mount: async (drive, volume) => {
        const [found = drive] = (await volumes.list()).filter(({ usb }) => usb?.serial === drive.usb?.serial);
        await volumes.mount(found, volume);
      },
      release: async (volume) => volumes.release(await real(volume)),
      hold: async (volume) => volumes.hold(await real(volume)),
      entries: async (volume, folder) => volumes.entries(await real(volume), folder),
      read: async (volume, path, limit) => volumes.read(await real(volume), path, limit),
      write: async (volume, path, data, options) => volumes.write(await real(volume), path, data, options),
      readBack: async (volume, path, onBytes) => ({
        ...(await volumes.readBack(await real(volume), path, onBytes)),
        volume,
      }),
      remove: async (volume, path) => volumes.remove(await real(volume), path),
      freeBytes: async (volume) => volumes.freeBytes(await real(volume)),
    },
  };
}

describe('a device that left and came back unseen', () => {
  test.each([
    ['when its absence is noticed', 'desktop', true, ['depart', 'return', 'confirm']],
    ['when it is not', 'desktop', false, ['depart', 'confirm']],
    ['when it is not, and nobody mounts the volume', 'headless', false, ['depart', 'confirm']],
  ] as const)(
    'is known by the boot count, where a system gives both attachments one name: %s',
    async (_, host, notices, expected) => {
      const world = createMemoryWorld({ host });
      const { outcome, phases } = await playUpdate(withoutAttachments(world, notices), PAYLOAD);
      expect(outcome).toMatchObject({ verdict: 'applied', to: '2.0.0+0' });
      expect(phases.slice(phases.indexOf('depart'))).toEqual(expected);
    },
  );
});

describe('after the commit', () => {
  test('a device that has left by itself is not said to hold its volume', async () => {
    const world = createMemoryWorld({
      onOperation({ verb }, device) {
        if (verb === 'release') device.unplug();
      },
    });
    const { outcome, reports } = await playUpdate(world.environment, PAYLOAD);
    expect(outcome.code).toBe('never-returned');
    expect(notices(reports)).toEqual([]);
  });

  test('our own bug proves nothing about the device', async () => {
    const world = createMemoryWorld();
    const { volumes } = world.environment;
    let released = false;
    const broken: Environment = {
      ...world.environment,
      volumes: {
        ...volumes,
        async release(volume) {
          const paths = await volumes.release(volume);
          released = true;
          return paths;
        },
        list: () => (released ? Promise.reject(new TypeError('a bug')) : volumes.list()),
      },
    };
    const { outcome } = await playUpdate(broken, PAYLOAD);
    expect(outcome).toMatchObject({ verdict: 'indeterminate', code: 'lost-track', to: null });
    expect(outcome.message).toContain('a bug');
    expect(await world.environment.records.list()).toHaveLength(1);
  });

  test('an answer that did not come leaves the record open, and the next run hears it', async () => {
    const scenario = scenarios.find(({ name }) => name === 'torn-status-for-ever');
    const world = createMemoryWorld(scenario);
    const first = await playUpdate(world.environment, buildPayload(scenario?.image));
    expect(first.outcome.code).toBe('no-answer');
    expect(await world.environment.records.list()).toHaveLength(1);
    const { reports } = await playUpdate(world.environment, buildPayload(scenario?.image));
    expect(notices(reports)[0]).toBe('record-resolved');
  });
});

describe('calling off', () => {
  test.each(['discover', 'identify', 'stage', 'commit'])(
    'during %s, before the commit, leaves no payload behind',
    async (phase) => {
      const world = createMemoryWorld();
      const target = only(choose(await find(world.environment), {}));
      const cancel = new AbortController();
      const running = update(world.environment, target, await imageOf(PAYLOAD), { cancel: cancel.signal });
      const { outcome } = await drain(running, (began) => {
        if (began === phase) cancel.abort();
      });
      const wasLookedAt = phase === 'stage' || phase === 'commit';
      const oldFirmware = wasLookedAt ? 'runs' : null;
      expect(outcome).toMatchObject({ verdict: 'refused', code: 'interrupted', oldFirmware });
      const left = only(world.devices)
        .card.paths()
        .filter((path) => path.startsWith('SPACEPAK/'));
      expect([...left].sort()).toEqual(['SPACEPAK/INFO.TXT', 'SPACEPAK/STATUS.TXT']);
    },
  );

  /** By SIGTERM, as a call on the volume begins that never returns; what was said of it, and after how long. */
  async function whileHanging(verb: 'read' | 'create' | 'fsync' | 'release', path?: string, visit = 1) {
    const [cancel, abandon] = [new AbortController(), new AbortController()];
    let [calledOffAt, visits] = [Number.NaN, 0];
    const world = createMemoryWorld({
      failures: [{ verb, ...(path && { path }), visits: [visit], hang: 'never', code: 'volume-io' }],
      onOperation: (operation) => {
        if (operation.verb !== verb || (path !== undefined && operation.path !== path)) return;
        visits += 1;
        if (visits !== visit) return;
        calledOffAt = world.clock.now();
        cancel.abort();
        abandon.abort();
      },
    });
    const limits = { cancel: cancel.signal, abandon: abandon.signal };
    const { outcome } = await playUpdate(world.environment, PAYLOAD, limits);
    return { world, outcome, afterMs: world.clock.now() - calledOffAt };
  }

  test.each([
    ['INFO.TXT is read', 'read', 'SPACEPAK/INFO.TXT', 3],
    ['the payload is created', 'create', 'SPACEPAK/UPDATE.BIN', 1],
    ['the payload becomes durable', 'fsync', 'SPACEPAK/UPDATE.BIN', 1],
  ] as const)('while the volume hangs as %s ends soon, and nothing is committed', async (_, verb, path, visit) => {
    const { world, outcome, afterMs } = await whileHanging(verb, path, visit);
    expect(outcome.code).toBe('interrupted');
    expect(afterMs).toBeLessThan(3_000);
    // The call may still have its effect: nobody else may write until it has ended.
    await expect(playUpdate(world.environment, PAYLOAD)).resolves.toMatchObject({ outcome: { code: 'device-locked' } });
    await world.clock.sleep(120_000);
    expect((await playUpdate(world.environment, PAYLOAD)).outcome.code).toBe('applied');
  });

  test.each([
    ['the trigger is created', 'create', 'SPACEPAK/UPDATE.TRG'],
    ['the trigger becomes durable', 'fsync', 'SPACEPAK/UPDATE.TRG'],
    ['it is unmounted after the commit', 'release', undefined],
  ] as const)('while the volume hangs as %s ends soon, and leaves the record open', async (_, verb, path) => {
    const { world, outcome, afterMs } = await whileHanging(verb, path);
    expect(outcome).toMatchObject({ verdict: 'indeterminate', code: 'abandoned', to: null });
    expect(afterMs).toBeLessThan(3_000);
    expect(await world.environment.records.list()).toHaveLength(1);
  });

  test('after the commit has no effect', async () => {
    const world = createMemoryWorld();
    const target = only(choose(await find(world.environment), {}));
    const cancel = new AbortController();
    const running = update(world.environment, target, await imageOf(PAYLOAD), { cancel: cancel.signal });
    const { outcome } = await drain(running, (began) => {
      if (began === 'release') cancel.abort();
    });
    expect(outcome.code).toBe('applied');
  });

  test('watching after the commit is indeterminate, and the next run finds out', async () => {
    const world = createMemoryWorld();
    const target = only(choose(await find(world.environment), {}));
    const abandon = new AbortController();
    const running = update(world.environment, target, await imageOf(PAYLOAD), { abandon: abandon.signal });
    const abandoned = await drain(running, (began) => {
      if (began === 'depart') abandon.abort();
    });
    expect(abandoned.outcome).toMatchObject({ verdict: 'indeterminate', code: 'abandoned', to: null });
    const { outcome, reports } = await playUpdate(world.environment, PAYLOAD);
    expect(outcome).toMatchObject({ verdict: 'applied', to: '2.0.0+0' });
    expect(notices(reports)).toEqual(['record-resolved']);
  });

  test('by the cap says how long it was, and whether anything was committed', async () => {
    const before = createMemoryWorld({ listMs: 5_000 });
    expect((await playUpdate(before.environment, PAYLOAD, { capMs: 3_000 })).outcome.code).toBe('not-in-time');
    const after = createMemoryWorld();
    const { outcome } = await playUpdate(after.environment, PAYLOAD, { capMs: 3_000 });
    expect(outcome).toMatchObject({ verdict: 'indeterminate', code: 'timed-out' });
    expect(outcome.message).toContain('3000 ms');
  });
});

describe('what an earlier run left open', () => {
  async function abandoned(payload: Uint8Array): Promise<MemoryWorld> {
    const world = createMemoryWorld();
    const { outcome } = await playUpdate(world.environment, payload, { capMs: 3_000 });
    expect(outcome.code).toBe('timed-out');
    return world;
  }

  test('is reported as this run’s outcome if it was the same', async () => {
    const world = await abandoned(PAYLOAD);
    world.pass(60_000);
    const { outcome, reports, phases } = await playUpdate(world.environment, PAYLOAD);
    expect(outcome).toMatchObject({ verdict: 'applied', to: '2.0.0+0' });
    expect(notices(reports)).toEqual(['record-resolved']);
    expect(phases).toEqual(['discover', 'identify', 'confirm']);
  });

  test('is awaited and reported before this run begins if it was something else', async () => {
    const world = await abandoned(PAYLOAD);
    world.pass(60_000);
    const newer = buildPayload({ version: { major: 3 } });
    const { outcome, reports } = await playUpdate(world.environment, newer);
    expect(outcome).toMatchObject({ verdict: 'applied', from: '2.0.0+0', to: '3.0.0+0' });
    expect(notices(reports)).toEqual(['record-resolved']);
  });

  test('is dropped if the trigger never arrived', async () => {
    const world = createMemoryWorld();
    const [sight] = await find(world.environment);
    const session = (sight?.info?.own as Info | undefined)?.details?.session ?? '';
    const record = {
      serial: 'SP00000001',
      action: 'install',
      nonce: 'a'.repeat(32),
      family: 'spacepack',
      memory: { bootCount: 1, session },
      newImage: 'b'.repeat(64),
      oldImage: null,
      fromVersion: null,
      toVersion: null,
      port: null,
      timing: { quietMs: 1_500, quietDirtyMs: 40_000, maxAwayMs: 120_000 },
      committedAt: '2026-01-01T00:00:00.000Z',
    } as const;
    await world.environment.records.save(record);
    const { outcome, reports } = await playUpdate(world.environment, PAYLOAD);
    expect(outcome.code).toBe('applied');
    expect(notices(reports)).toContain('record-dropped');
  });
});

describe('a ping', () => {
  test('proves the whole path and changes nothing', async () => {
    const world = createMemoryWorld();
    const { outcome, phases } = await playPing(world.environment);
    expect(outcome).toMatchObject({ verdict: 'unchanged', code: 'ping-answered', from: '1.0.0+0', to: '1.0.0+0' });
    expect(phases).not.toContain('stage');
  });

  test('is answered in the bootloader too', async () => {
    const world = createMemoryWorld({ devices: [{ runs: null }] });
    expect((await playPing(world.environment)).outcome).toMatchObject({ code: 'ping-answered', to: null });
  });
});

describe('several devices', () => {
  test('are updated side by side, each with its own outcome, in little more time than one', async () => {
    const alone = createMemoryWorld();
    const one = (await playUpdate(alone.environment, PAYLOAD)).outcome.elapsedMs;

    const world = createMemoryWorld({ devices: Array.from({ length: 16 }, () => ({})) });
    const image = await imageOf(PAYLOAD);
    const targets = choose(await find(world.environment), { all: true });
    const runs = targets.map((target) => update(world.environment, target, image));
    const ends = new Map<number, string>();
    for await (const told of sideBySide(runs)) if ('outcome' in told) ends.set(told.run, told.outcome.code);
    expect(ends.size).toBe(16);
    expect(new Set(ends.values())).toEqual(new Set(['applied']));
    expect(world.clock.now()).toBeLessThan(one * 3);
  });

  test('one that fails does not disturb the others', async () => {
    const world = createMemoryWorld({ devices: [{}, { battery: 5 }, {}] });
    const image = await imageOf(PAYLOAD);
    const targets = choose(await find(world.environment), { all: true });
    const ends = await Promise.all(targets.map((target) => drain(update(world.environment, target, image))));
    expect(ends.map(({ outcome }) => outcome.code)).toEqual(['applied', 'battery-low', 'applied']);
  });
});
