import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Clock } from '../../src/computer/clock.ts';
import { systemClock } from '../../src/computer/clock.ts';
import type { MountedVolume } from '../../src/protocol/sight.ts';
import type { Platform } from '../../src/volume/platform.ts';
import { explained, inFolder } from '../../src/volume/verb.ts';
import { jumpingClock, NOTE, temporaryFolder } from './a-volume.ts';

const SYSTEM = { platform: 'linux', env: {}, uid: 1000, program: 'node' } as const;

/** A volume of which only the mount's path matters. */
function volumeAt(path: string): MountedVolume {
  const mount = { path, id: 'mount', readOnly: false };
  const volume = { id: '/dev/sdb1', label: '', fileSystem: 'fat32', sizeBytes: 1, mount };
  return { mount, volume, drive: { ...NOTE, id: '/dev/sdb', volumes: [volume] } };
}

function hands(holds: () => boolean | Promise<boolean>, clock: Clock = systemClock): Parameters<typeof inFolder>[0] {
  const never = (): never => {
    throw new Error('not asked here');
  };
  const platform: Platform = {
    list: never,
    mount: never,
    release: never,
    look: never,
    watched: never,
    holds: async () => holds(),
  };
  return { platform, clock, system: SYSTEM };
}

function failure(code: string): Error {
  return Object.assign(new Error(code), { code });
}

describe('what a failed call means', () => {
  test.each([
    ['EROFS', 'volume-read-only'],
    ['ENOSPC', 'volume-full'],
    ['EDQUOT', 'volume-full'],
    ['EFBIG', 'volume-full'],
    ['EPERM', 'volume-permission'],
    ['EACCES', 'volume-permission'],
    ['EBUSY', 'volume-busy'],
    ['EIO', 'volume-io'],
    ['EINVAL', 'volume-io'],
    ['UNKNOWN', 'volume-io'],
    ['ENODEV', 'volume-io'],
    ['ENXIO', 'volume-io'],
    ['ENOTCONN', 'volume-io'],
    ['EISDIR', 'volume-foreign'],
    ['ELOOP', 'volume-foreign'],
  ])('%s on a volume that is still there: %s', async (errno, code) => {
    const volume = volumeAt('/mnt');
    expect(
      await explained(
        hands(() => true, jumpingClock()),
        volume,
        failure(errno),
        'x',
      ),
    ).toMatchObject({ code });
  });

  test('a look that fails too is not known to be gone', async () => {
    const blind = hands(() => Promise.reject(failure('EMFILE')), jumpingClock());
    expect(await explained(blind, volumeAt('/mnt'), failure('ENODEV'), 'x')).toMatchObject({ code: 'volume-io' });
  });

  test.each(['EIO', 'ENODEV', 'ENOENT', 'ENOSPC', 'EACCES', 'UNKNOWN'])(
    '%s on a volume that has left: gone',
    async (errno) => {
      expect(
        await explained(
          hands(() => false),
          volumeAt('/mnt'),
          failure(errno),
          'x',
        ),
      ).toMatchObject({ code: 'volume-gone' });
    },
  );

  test('EACCES names the user that the volume is mounted for', async () => {
    const path = await temporaryFolder();
    const owner = statSync(path).uid;
    const denied = { ...hands(() => true, jumpingClock(500)), system: { ...SYSTEM, uid: owner + 1 } };
    expect(await explained(denied, volumeAt(path), failure('EACCES'), 'x')).toMatchObject({
      remedy: expect.stringContaining(`the user with id ${owner}`),
    });
  });

  test('EIO just before the kernel takes the drive off its list: gone', async () => {
    const clock = jumpingClock();
    const leaving = hands(() => clock.now() < 300, clock);
    expect(await explained(leaving, volumeAt('/mnt'), failure('EIO'), 'x')).toMatchObject({ code: 'volume-gone' });
  });

  test('what is no failed call stays what it is', async () => {
    const bug = new TypeError('bug');
    expect(
      await explained(
        hands(() => true),
        volumeAt('/mnt'),
        bug,
        'x',
      ),
    ).toBe(bug);
  });
});

describe('a verb', () => {
  test('that finds nothing on a mount that died meanwhile says gone, not empty', async () => {
    const path = await temporaryFolder();
    let looks = 0;
    const dying = hands(() => {
      looks += 1;
      return looks === 1;
    });
    await expect(inFolder(dying, volumeAt(path), ['SPACEPAK'], 'x', async (folder) => folder)).rejects.toMatchObject({
      code: 'volume-gone',
    });
  });

  test('that hangs ends as stalled', async () => {
    const path = await temporaryFolder();
    mkdirSync(join(path, 'SPACEPAK'));
    const stuck = hands(() => true, jumpingClock());
    await expect(
      inFolder(stuck, volumeAt(path), [], 'x', (_, call) => call(() => new Promise(() => undefined))),
    ).rejects.toMatchObject({ code: 'volume-stalled' });
  });

  test('of many slow calls ends as stalled after a minute, and makes no call more', async () => {
    const path = await temporaryFolder();
    const clock = jumpingClock();
    const slow = hands(() => true, clock);
    let calls = 0;
    const manySlow = inFolder(slow, volumeAt(path), [], 'x', async (_, call) => {
      for (;;) {
        calls += 1;
        await call(() => clock.sleep(25_000));
      }
    });
    await expect(manySlow).rejects.toMatchObject({ code: 'volume-stalled' });
    expect({ calls, ms: Math.round(clock.now() / 1_000) }).toEqual({ calls: 3, ms: 60 });
  });

  test('time that the process did not live through is not counted against it', async () => {
    const path = await temporaryFolder();
    let [now, gaps] = [0, 0];
    const clock: Clock = { ...systemClock, now: () => now, gaps: () => gaps };
    const asleep = inFolder(
      hands(() => true, clock),
      volumeAt(path),
      [],
      'x',
      async (_, call) => {
        now += 3_600_000;
        gaps += 1;
        return call(async () => 'answer');
      },
    );
    expect(await asleep).toBe('answer');
  });
});
