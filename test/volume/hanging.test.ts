import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Clock } from '../../src/computer/clock.ts';
import { find } from '../../src/index.ts';
import type { MountedVolume } from '../../src/protocol/sight.ts';
import { createDirectoryVolumes } from '../../src/volume/folders/volumes.ts';
import type { Volumes } from '../../src/volume/volumes.ts';
import { mountedOf, NOTE, pieces, temporaryFolder, writeNote } from './a-volume.ts';

/** Every call on files, in its order: one of them does not come back until it is let go. */
const calls = vi.hoisted(() => {
  const never = Number.POSITIVE_INFINITY;
  return {
    made: [] as string[],
    hangAt: never,
    hangPath: '',
    inFlight: 0,
    letGo: () => {},
    isHanging: false,
    open: new Set<unknown>(),
  };
});

vi.mock('node:fs/promises', async (importOriginal) => {
  const real = await importOriginal<typeof import('node:fs/promises')>();
  type Method = (...args: unknown[]) => unknown;

  async function make(name: string, call: () => unknown, path?: unknown): Promise<unknown> {
    calls.made.push(name);
    if (calls.made.length === calls.hangAt || (path !== undefined && path === calls.hangPath)) {
      calls.isHanging = true;
      await new Promise<void>((resolve) => {
        calls.letGo = resolve;
      });
    }
    calls.inFlight += 1;
    try {
      return await call();
    } finally {
      calls.inFlight -= 1;
    }
  }
  const counted = <T extends object>(open: T): T => {
    calls.open.add(open);
    return new Proxy(open, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]) =>
          make(String(name), () => {
            if (name === 'close') calls.open.delete(open);
            return Reflect.apply(value as Method, target, args);
          });
      },
    });
  };
  const of =
    (name: 'lstat' | 'stat' | 'unlink' | 'statfs') =>
    (...args: unknown[]): unknown =>
      make(name, () => Reflect.apply(real[name] as Method, real, args));
  return {
    ...real,
    lstat: of('lstat'),
    stat: of('stat'),
    unlink: of('unlink'),
    statfs: of('statfs'),
    open: (...args: unknown[]) =>
      make('open', async () => counted((await Reflect.apply(real.open as Method, real, args)) as FileHandle), args[0]),
    opendir: (...args: unknown[]) =>
      make('opendir', async () => counted((await Reflect.apply(real.opendir as Method, real, args)) as object)),
  };
});

/** Time passes only while a call hangs and no other is under way, from one who sleeps to the next: real calls take none. */
function hangingClock(): Clock {
  let now = 0;
  const dues = new Set<{ readonly at: number }>();
  return {
    now: () => now,
    gaps: () => 0,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        const due = { at: now + ms };
        dues.add(due);
        const turn = (): void => {
          const isNext =
            calls.isHanging && calls.inFlight === 0 && Math.min(...[...dues].map(({ at }) => at)) === due.at;
          if (!signal?.aborted && !isNext) {
            setImmediate(turn);
          } else {
            dues.delete(due);
            if (!signal?.aborted) now = Math.max(now, due.at);
            resolve();
          }
        };
        setImmediate(turn);
      }),
  };
}

type Verb = (volumes: Volumes, mounted: MountedVolume) => Promise<unknown>;

const VERBS: Readonly<Record<string, Verb>> = {
  entries: (volumes, mounted) => volumes.entries(mounted, 'SPACEPAK'),
  read: (volumes, mounted) => volumes.read(mounted, 'SPACEPAK/INFO.TXT', 4096),
  write: (volumes, mounted) =>
    volumes.write(mounted, 'SPACEPAK/UPDATE.BIN', pieces(new Uint8Array(300_000)), {
      syncBytes: 100_000,
      stallMs: 60_000,
    }),
  readBack: (volumes, mounted) => volumes.readBack(mounted, 'SPACEPAK/INFO.TXT'),
  remove: (volumes, mounted) => volumes.remove(mounted, 'SPACEPAK/INFO.TXT'),
  freeBytes: (volumes, mounted) => volumes.freeBytes(mounted),
};

async function aVolumeThatHangs(): Promise<{ volumes: Volumes; mounted: MountedVolume; clock: Clock; ours: string }> {
  const root = await temporaryFolder();
  const ours = join(root, 'SP', 'SPACEPAK');
  mkdirSync(ours, { recursive: true });
  writeFileSync(join(ours, 'INFO.TXT'), 'content');
  const clock = hangingClock();
  const volumes = createDirectoryVolumes(root, clock);
  onTestFinished(() => volumes.dispose());
  const mounted = await mountedOf(volumes);
  calls.made.length = 0;
  calls.open.clear();
  return { volumes, mounted, clock, ours };
}

/** What a verb does with its n-th call hanging; `null`: it makes fewer. */
async function withHanging(verb: Verb, n: number): Promise<string | null> {
  Object.assign(calls, { hangAt: Number.POSITIVE_INFINITY, isHanging: false });
  const { volumes, mounted, clock, ours } = await aVolumeThatHangs();
  calls.hangAt = n;
  const end = await verb(volumes, mounted).then(
    () => 'done',
    (thrown: { code?: string }) => String(thrown.code),
  );
  const hung = calls.made[n - 1];
  if (hung === undefined) return null;
  // And a second for each folder and file that is closed, for here time passes as soon as a call hangs.
  expect(clock.now()).toBeLessThanOrEqual(65_000);
  const [before, made] = [clock.now(), calls.made.length];
  if (end !== 'done') {
    // The next one asks nothing of a volume that still owes an answer.
    await expect(volumes.read(mounted, 'SPACEPAK/INFO.TXT', 10)).rejects.toMatchObject({ code: 'volume-stalled' });
    expect({ ms: clock.now(), made: calls.made.length }).toEqual({ ms: before, made });
  }
  const wasThere = existsSync(join(ours, 'UPDATE.BIN'));
  calls.isHanging = false;
  calls.letGo();
  await vi.waitFor(() => expect(calls.open.size).toBe(0));
  // Nothing goes on behind a verb that was given up: at most the call itself has its effect.
  if (hung === 'open' && !wasThere) expect(calls.made.slice(made)).not.toContain('write');
  await vi.waitFor(async () => expect(await volumes.read(mounted, 'SPACEPAK/NOTHERE', 10)).toBeNull());
  return `${hung}: ${end}`;
}

describe('a call that does not come back', () => {
  test.each(Object.entries(VERBS))(
    'whichever it is, %s ends within its limit, and nothing stays open',
    async (_, verb) => {
      const ends: string[] = [];
      for (let n = 1; ; n += 1) {
        const end = await withHanging(verb, n);
        if (end === null) break;
        ends.push(end);
      }
      expect(ends.length).toBeGreaterThan(3);
      // That closing takes its time is no fault, if all else is done.
      const faults = ends.filter((end) => !end.endsWith('volume-stalled') && end !== 'close: done');
      expect(faults).toEqual([]);
    },
  );

  test('a create that hangs may have had an effect; what fails before it, or by it, had none', async () => {
    Object.assign(calls, { hangAt: Number.POSITIVE_INFINITY, isHanging: false });
    const { volumes, mounted, ours } = await aVolumeThatHangs();
    const write = VERBS['write'] as Verb;
    writeFileSync(join(ours, 'UPDATE.BIN'), '');
    await expect(write(volumes, mounted)).rejects.toMatchObject({ code: 'volume-foreign', noEffect: true });
    const creates = calls.made.lastIndexOf('open') + 1;
    expect(await withHanging(write, creates)).toBe('open: volume-stalled');
    Object.assign(calls, { hangAt: creates, isHanging: false, made: [] });
    const again = await aVolumeThatHangs();
    const stalled = await write(again.volumes, again.mounted).catch((thrown: unknown) => thrown);
    expect(stalled).toMatchObject({ code: 'volume-stalled', noEffect: false });
    await expect(write(again.volumes, again.mounted)).rejects.toMatchObject({ code: 'volume-stalled', noEffect: true });
    calls.letGo();
  });

  test('a neighbour is not hindered', async () => {
    Object.assign(calls, { hangAt: Number.POSITIVE_INFINITY, isHanging: false });
    const { volumes, mounted } = await aVolumeThatHangs();
    const neighbour = { ...mounted, drive: { ...mounted.drive, attachment: 'another' } };
    calls.hangAt = 1;
    await expect(volumes.read(mounted, 'SPACEPAK/INFO.TXT', 10)).rejects.toMatchObject({ code: 'volume-stalled' });
    calls.isHanging = false;
    // Not the one that was meant, says the platform: it was asked.
    await expect(volumes.read(neighbour, 'SPACEPAK/INFO.TXT', 10)).rejects.toMatchObject({ code: 'volume-gone' });
    calls.letGo();
  });

  test('a look at each device that is plugged in: the one that hangs is told as stalled, its neighbour as it is', async () => {
    Object.assign(calls, { hangAt: Number.POSITIVE_INFINITY, isHanging: false });
    const root = await temporaryFolder();
    for (const name of ['HANGS', 'SOUND']) {
      mkdirSync(join(root, name, 'SPACEPAK'), { recursive: true });
      writeFileSync(join(root, name, 'SPACEPAK', 'INFO.TXT'), 'torn');
      await writeNote(root, name, { ...NOTE, attachment: name, usb: { ...NOTE.usb, serial: name } });
    }
    const clock = hangingClock();
    const volumes = createDirectoryVolumes(root, clock);
    onTestFinished(() => volumes.dispose());
    calls.hangPath = join(root, 'HANGS');
    onTestFinished(() => {
      calls.hangPath = '';
      calls.letGo();
    });
    const sights = await find({ volumes });
    expect(sights.map(({ id, problem }) => [id, problem?.code])).toEqual([
      ['HANGS', 'volume-stalled'],
      ['SOUND', 'info-malformed'],
    ]);
    expect(clock.now()).toBeLessThanOrEqual(60_000);
  });
});
