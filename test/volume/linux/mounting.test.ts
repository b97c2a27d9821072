import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { MountedVolume } from '../../../src/protocol/sight.ts';
import type { Outside } from '../../../src/volume/outside.ts';
import type { Ran } from '../../../src/volume/run.ts';
import { createSystemVolumes, type SystemVolumes } from '../../../src/volume/system.ts';
import { mountedOf } from '../a-volume.ts';
import { anOutside, MISSING, programs, ran } from '../an-outside.ts';
import { aKernel, type Kernel, lsblkDisk, UDISKS_MOUNT } from './a-kernel.ts';

type Answers = Readonly<Record<string, (kernel: Kernel, args: readonly string[]) => Ran>>;

const ROOT: Outside['system'] = { platform: 'linux', env: {}, uid: 0, program: 'node' };
const NOT_AUTHORIZED = ran(
  '',
  1,
  'Error mounting /dev/sdb1: GDBus.Error:org.freedesktop.UDisks2.Error.NotAuthorizedCanObtain: Not authorized to perform operation\n',
);
const BUSY = ran(
  '',
  1,
  'Error unmounting /dev/sdb1: GDBus.Error:org.freedesktop.UDisks2.Error.DeviceBusy: Error unmounting /dev/sdb1: target is busy\n',
);

async function machine(
  answers: Answers,
  parts: Partial<Outside> = {},
): Promise<{ kernel: Kernel; volumes: SystemVolumes; asked: string[]; mounted: MountedVolume }> {
  const kernel = await aKernel();
  kernel.attach('sdb', '1-2.3', { devnum: 7, diskseq: 21 });
  kernel.mounts(UDISKS_MOUNT);
  const { run, asked } = programs({
    lsblk: () => ran(JSON.stringify({ blockdevices: [lsblkDisk()] })),
    ...Object.fromEntries(
      Object.entries(answers).map(([name, answer]) => [name, (args: readonly string[]) => answer(kernel, args)]),
    ),
  });
  const volumes = createSystemVolumes(anOutside({ ...kernel, run, ...parts }));
  const mounted = await mountedOf(volumes);
  asked.length = 0;
  return { kernel, volumes, asked, mounted };
}

const done = (kernel: Kernel): Ran => {
  kernel.mounts();
  return ran('');
};

describe('releasing', () => {
  test('goes through udisks where it is there', async () => {
    const { volumes, mounted, asked } = await machine({ udisksctl: done });
    await volumes.release(mounted);
    expect(asked).toEqual(['udisksctl unmount --no-user-interaction -b /dev/sdb1']);
  });

  test.each([
    ['is not installed', () => MISSING],
    ['may not', () => NOT_AUTHORIZED],
    ['does not run', () => ran('', 1, 'Error connecting to the udisks daemon')],
  ])('goes through umount where udisks %s', async (_, udisksctl) => {
    const { volumes, mounted, asked } = await machine({ udisksctl, umount: done });
    await volumes.release(mounted);
    expect(asked.at(-1)).toBe('umount /media/me/Untitled 1');
  });

  test('unmounts the volume wherever it is mounted, for only the last unmount clears the dirty mark', async () => {
    const second = UDISKS_MOUNT.replace('61', '70').replace('/media/me', '/srv');
    const { kernel, volumes, mounted, asked } = await machine({
      umount: (kernel, [path]) => {
        kernel.mounts(...[UDISKS_MOUNT, second].filter((line) => !line.includes(path?.replace(' ', '\\040') ?? '')));
        if (asked.length > 2) kernel.mounts();
        return ran('');
      },
    });
    kernel.mounts(UDISKS_MOUNT, second);
    await volumes.release(mounted);
    expect(asked.filter((line) => line.startsWith('umount'))).toEqual([
      'umount /media/me/Untitled 1',
      'umount /srv/Untitled 1',
    ]);
  });

  test('names who holds the volume', async () => {
    const { kernel, volumes, mounted } = await machine({ udisksctl: () => BUSY });
    for (const [pid, comm] of [
      ['4711', 'vlc'],
      ['4712', 'bash'],
    ] as const) {
      mkdirSync(join(kernel.proc, pid, 'fd'), { recursive: true });
      writeFileSync(join(kernel.proc, pid, 'comm'), `${comm}\n`);
    }
    symlinkSync('/media/me/Untitled 1/film.mkv', join(kernel.proc, '4711', 'fd', '3'));
    symlinkSync('/media/me/Untitled 10', join(kernel.proc, '4712', 'cwd'));
    const refused: unknown = await volumes.release(mounted).catch((thrown: unknown) => thrown);
    expect(refused).toMatchObject({ code: 'volume-busy' });
    expect(String(refused)).toContain('vlc (process 4711)');
    expect(String(refused)).not.toContain('bash');
  });

  test('without rights says so and how to get them', async () => {
    const { volumes, mounted } = await machine({
      udisksctl: () => NOT_AUTHORIZED,
      umount: () => ran('', 32, 'umount: /media/me/Untitled 1: must be superuser to unmount.'),
    });
    await expect(volumes.release(mounted)).rejects.toMatchObject({
      code: 'volume-permission',
      remedy: expect.stringContaining('udisksctl unmount -b /dev/sdb1'),
    });
  });

  test('is done if the volume was unmounted by somebody else meanwhile', async () => {
    const { volumes, mounted } = await machine({
      udisksctl: (kernel) => {
        kernel.mounts();
        return ran('', 1, 'Error: not mounted');
      },
    });
    await volumes.release(mounted);
  });

  test('of a volume that has left takes its dead mount away and says that it is gone', async () => {
    const { kernel, volumes, mounted, asked } = await machine({ umount: done });
    kernel.detach('sdb', '1-2.3');
    await expect(volumes.release(mounted)).rejects.toMatchObject({ code: 'volume-gone' });
    expect(asked.at(-1)).toBe('umount /media/me/Untitled 1');
  });

  test('never unmounts another mount that has taken the place', async () => {
    const { kernel, volumes, mounted, asked } = await machine({ umount: done });
    kernel.mounts(UDISKS_MOUNT.replace('61 28 8:17', '61 28 8:33'));
    await expect(volumes.release(mounted)).rejects.toMatchObject({ code: 'volume-gone' });
    expect(asked).toEqual([]);
  });
});

describe('mounting', () => {
  test('goes through udisks, without a dialogue', async () => {
    const { volumes, mounted, asked } = await machine({ udisksctl: () => ran('Mounted /dev/sdb1 at /media/me/x') });
    await volumes.mount(mounted.drive, mounted.volume);
    expect(asked).toEqual(['udisksctl mount --no-user-interaction -b /dev/sdb1']);
  });

  test('that the desktop did first is done', async () => {
    const { volumes, mounted } = await machine({
      udisksctl: () =>
        ran('', 1, 'Error: GDBus.Error:org.freedesktop.UDisks2.Error.AlreadyMounted: Device is already mounted'),
    });
    await volumes.mount(mounted.drive, mounted.volume);
  });

  test('as root without udisks makes a private mount point, and releasing removes it', async () => {
    const { kernel, volumes, asked, mounted } = await machine(
      {
        mount: (kernel, args) => {
          kernel.mounts(`61 28 8:17 / ${args.at(-1)} rw - vfat /dev/sdb1 rw`);
          return ran('');
        },
        umount: done,
      },
      { system: ROOT },
    );
    kernel.mounts();
    await volumes.mount(mounted.drive, mounted.volume);
    const point = join(kernel.runDirectory, 'spacepack', 'sdb1');
    expect(asked.at(-1)).toBe(`mount -t vfat -o rw,nosuid,nodev,noexec,flush,umask=077 /dev/sdb1 ${point}`);
    expect(existsSync(point)).toBe(true);
    const own = await mountedOf(volumes);
    expect(own.mount.path).toBe(point);
    await volumes.release(own);
    expect(existsSync(point)).toBe(false);
  });

  test('without rights says so, with the rule that polkit needs', async () => {
    const { volumes, mounted } = await machine({
      udisksctl: () => NOT_AUTHORIZED,
      mount: () => ran('', 32, "mount: /dev/sdb1: can't find in /etc/fstab."),
    });
    const refused: unknown = await volumes.mount(mounted.drive, mounted.volume).catch((thrown: unknown) => thrown);
    expect(refused).toMatchObject({ code: 'volume-not-mounted', remedy: expect.stringContaining('polkit') });
    expect(String(refused)).toContain('Not authorized');
  });

  test('uses what fstab allows', async () => {
    const { volumes, mounted, asked } = await machine({ mount: () => ran('') });
    await volumes.mount(mounted.drive, mounted.volume);
    expect(asked.at(-1)).toBe('mount /dev/sdb1');
  });
});
