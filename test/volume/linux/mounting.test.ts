import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Clock } from '../../../src/computer/clock.ts';
import type { Ran, RunProgram } from '../../../src/computer/run-program.ts';
import type { MountedVolume } from '../../../src/protocol/sight.ts';
import type { Computer } from '../../../src/volume/computer.ts';
import { MOUNT_MS } from '../../../src/volume/gates.ts';
import { createSystemVolumes, type SystemVolumes } from '../../../src/volume/system-volumes.ts';
import { aComputer, MISSING, programs, ran } from '../a-computer.ts';
import { mountedOf } from '../a-volume.ts';
import { aKernel, type Kernel, lsblkDisk, UDISKS_MOUNT } from './a-kernel.ts';

type Answers = Readonly<Record<string, (kernel: Kernel, args: readonly string[]) => Ran>>;

const ROOT: Computer['system'] = { platform: 'linux', env: {}, uid: 0, program: 'node' };
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
  parts: Partial<Computer> = {},
  slow: (run: RunProgram) => RunProgram = (run) => run,
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
  const volumes = createSystemVolumes(aComputer({ ...kernel, run: slow(run), ...parts }));
  const mounted = await mountedOf(volumes);
  asked.length = 0;
  return { kernel, volumes, asked, mounted };
}

const done = (kernel: Kernel): Ran => {
  kernel.mounts();
  return ran('');
};

/**
 * Programs that take so many ms, or are given up when their limit is over; what they do to the kernel they do all the same. The clock
 * wakes nobody: no limit of the gate strikes, and what they take together is seen.
 */
function slowly(takesMs: Readonly<Record<string, number>>): {
  readonly clock: Clock;
  slow(run: RunProgram): RunProgram;
} {
  let now = 0;
  return {
    clock: { now: () => now, gaps: () => 0, sleep: () => new Promise(() => undefined) },
    slow: (run) => async (program, args, options) => {
      const takes = takesMs[program] ?? 0;
      const limitMs = options?.limitMs ?? 30_000;
      now += Math.min(takes, limitMs);
      const ended = await run(program, args, options);
      return takes > limitMs ? { ...MISSING, failure: 'too-slow' } : ended;
    },
  };
}

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
      'umount /srv/Untitled 1',
      'umount /media/me/Untitled 1',
    ]);
  });

  test('resolves with all paths at which it was, by hand, by fstab or by a bind of a folder', async () => {
    const bind = '71 28 8:17 /PHOTOS /srv/photos rw - vfat /dev/sdb1 rw';
    const { kernel, volumes, mounted, asked } = await machine({
      udisksctl: (kernel) => {
        kernel.mounts();
        return ran('');
      },
      umount: (kernel) => {
        kernel.mounts(UDISKS_MOUNT);
        return ran('');
      },
    });
    kernel.mounts(UDISKS_MOUNT, bind);
    expect(await volumes.release(mounted)).toEqual(['/media/me/Untitled 1', '/srv/photos']);
    expect(asked).toEqual(['umount /srv/photos', 'udisksctl unmount --no-user-interaction -b /dev/sdb1']);
  });

  test.each<[string, readonly string[], string]>([
    ['over it', [UDISKS_MOUNT, '70 61 0:44 / /media/me/Untitled\\0401 rw - tmpfs tmpfs rw'], 'tmpfs'],
    [
      'over it by a move, so that its line comes first',
      ['40 61 0:44 / /media/me/Untitled\\0401 rw - tmpfs t rw', UDISKS_MOUNT],
      'tmpfs',
    ],
    ['over the folder above it', [UDISKS_MOUNT, '70 28 8:33 / /media/me rw - ext4 /dev/sdc1 rw'], '/dev/sdc1'],
    ['inside of it', [UDISKS_MOUNT, '70 61 0:44 / /media/me/Untitled\\0401/DCIM rw - tmpfs tmpfs rw'], 'tmpfs'],
    [
      'over another place of it',
      [
        UDISKS_MOUNT,
        UDISKS_MOUNT.replace('61', '70').replace('/media/me', '/srv'),
        '71 70 8:33 / /srv/Untitled\\0401 rw - ext4 /dev/sdc1 rw',
      ],
      '/dev/sdc1',
    ],
  ])('touches nothing where another file system is mounted %s, and names that', async (_, lines, found) => {
    const { kernel, volumes, mounted, asked } = await machine({ udisksctl: done, umount: done });
    kernel.mounts(...lines);
    const refused: unknown = await volumes.release(mounted).catch((thrown: unknown) => thrown);
    expect(refused).toMatchObject({ code: 'volume-busy', message: expect.stringContaining(found) });
    expect(asked).toEqual([]);
  });

  test('goes on after its own mount below another one that is its own', async () => {
    const bind = '70 61 8:17 /PHOTOS /media/me/Untitled\\0401/COPY rw - vfat /dev/sdb1 rw';
    const { kernel, volumes, mounted, asked } = await machine({
      umount: (kernel, [path]) => {
        kernel.mounts(...(path?.endsWith('COPY') ? [UDISKS_MOUNT] : []));
        return ran('');
      },
    });
    kernel.mounts(UDISKS_MOUNT, bind);
    await volumes.release(mounted);
    expect(asked.filter((line) => line.startsWith('umount'))).toEqual([
      'umount /media/me/Untitled 1/COPY',
      'umount /media/me/Untitled 1',
    ]);
  });

  test('is not done as long as a container has the volume mounted', async () => {
    const { kernel, volumes, mounted } = await machine({ umount: done });
    mkdirSync(join(kernel.proc, '4713'), { recursive: true });
    writeFileSync(join(kernel.proc, '4713', 'comm'), 'postgres\n');
    writeFileSync(join(kernel.proc, '4713', 'mountinfo'), '900 800 8:17 / /card rw - vfat /dev/sdb1 rw\n');
    await expect(volumes.release(mounted)).rejects.toMatchObject({
      code: 'volume-busy',
      message: expect.stringMatching(/postgres \(process 4713\).*\/card/),
    });
  });

  test('that fails half-way says what is unmounted all the same', async () => {
    const second = UDISKS_MOUNT.replace('61', '70').replace('/media/me', '/srv');
    const { kernel, volumes, mounted } = await machine({
      umount: (kernel, [path]) => {
        if (!path?.startsWith('/srv')) return ran('', 32, 'umount: /media/me/Untitled 1: target is busy.');
        kernel.mounts(UDISKS_MOUNT);
        return ran('');
      },
    });
    kernel.mounts(UDISKS_MOUNT, second);
    await expect(volumes.release(mounted)).rejects.toMatchObject({
      code: 'volume-busy',
      message: expect.stringContaining('unmounted already: /srv/Untitled 1'),
    });
  });

  test('is a fault of the volume, never of the computer’s own disk, where the mounts cannot be read', async () => {
    const { kernel, volumes, mounted } = await machine({ umount: done });
    rmSync(join(kernel.proc, 'self', 'mountinfo'));
    mkdirSync(join(kernel.proc, 'self', 'mountinfo'));
    await expect(volumes.release(mounted)).rejects.toMatchObject({ code: expect.stringMatching(/^volume-/) });
  });

  test('that a program says is done, and is not, is refused', async () => {
    const { volumes, mounted } = await machine({ udisksctl: () => ran('') });
    await expect(volumes.release(mounted)).rejects.toMatchObject({ code: 'volume-permission' });
  });

  test('of a drive that was attached anew touches nothing', async () => {
    const { kernel, volumes, mounted, asked } = await machine({ umount: done });
    kernel.attach('sdb', '1-2.3', { devnum: 8, diskseq: 22 });
    await expect(volumes.release(mounted)).rejects.toMatchObject({ code: 'volume-gone' });
    expect(asked).toEqual([]);
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

  test('says so too where the system speaks another language', async () => {
    // udisks adds the words of the system's umount(8); the name of its error is the same everywhere.
    const { stderr } = BUSY;
    const { volumes, mounted } = await machine({
      udisksctl: () => ran('', 1, stderr.replace('target is busy', 'Das Ziel wird gerade benutzt')),
    });
    await expect(volumes.release(mounted)).rejects.toMatchObject({ code: 'volume-busy' });
  });

  /** Processes, as /proc shows them: number, parent, name, and what it has open or stands in. */
  const people = (kernel: Kernel, ...all: [pid: number, parent: number, name: string, link: string][]): void => {
    for (const [pid, parent, name, link] of all) {
      const folder = join(kernel.proc, String(pid));
      mkdirSync(join(folder, 'fd'), { recursive: true });
      writeFileSync(join(folder, 'comm'), `${name}\n`);
      writeFileSync(join(folder, 'stat'), `${pid} (${name}) S ${parent} 1 1 0\n`);
      symlinkSync('/media/me/Untitled 1', join(folder, link));
    }
  };

  test('says which shell stands in the volume, and to leave it', async () => {
    const { kernel, volumes, mounted } = await machine({ udisksctl: () => BUSY });
    people(kernel, [process.pid, 4720, 'node', 'fd/9'], [4720, 4721, 'node', 'fd/9'], [4721, 1, 'bash', 'cwd']);
    rmSync(join(kernel.proc, '4720', 'fd', '9'));
    await expect(volumes.release(mounted)).rejects.toMatchObject({
      code: 'volume-busy',
      message: expect.stringContaining('your shell'),
      remedy: expect.stringContaining('(bash, process 4721)'),
    });
  });

  test('never names itself, nor a program that it started', async () => {
    const { kernel, volumes, mounted } = await machine({ udisksctl: () => BUSY });
    people(
      kernel,
      [process.pid, 1, 'node', 'cwd'],
      [4722, process.pid, 'helper', 'fd/3'],
      [4723, 4722, 'below', 'fd/3'],
    );
    const refused: unknown = await volumes.release(mounted).catch((thrown: unknown) => thrown);
    expect(refused).toMatchObject({ code: 'volume-busy' });
    expect(String(refused)).not.toMatch(/\(process \d+\)/);
    expect(String(refused)).toContain('spacepack itself');
  });

  test('has umount take its turn after a udisks that does not answer, before the gate shuts', async () => {
    const { clock, slow } = slowly({ udisksctl: Number.POSITIVE_INFINITY, umount: 25_000 });
    const { volumes, mounted } = await machine({ umount: done }, { clock }, slow);
    expect(await volumes.release(mounted)).toEqual(['/media/me/Untitled 1']);
    expect(clock.now()).toBeLessThan(MOUNT_MS);
  });

  test('gives up programs that do not answer before the gate shuts, wherever the volume is mounted', async () => {
    const { clock, slow } = slowly({ udisksctl: Number.POSITIVE_INFINITY, umount: 75_000 });
    const second = UDISKS_MOUNT.replace('61', '70').replace('/media/me', '/srv');
    const umount = (kernel: Kernel): Ran => {
      kernel.mounts(UDISKS_MOUNT);
      return ran('');
    };
    const { kernel, volumes, mounted } = await machine({ umount }, { clock }, slow);
    kernel.mounts(UDISKS_MOUNT, second.replace(' / ', ' /PHOTOS '));
    await expect(volumes.release(mounted)).rejects.toMatchObject({ code: 'volume-stalled' });
    expect(clock.now()).toBeLessThan(MOUNT_MS);
  });

  test('is not done while what was not written yet still goes to the card, though the mount is gone', async () => {
    const { clock, slow } = slowly({ udisksctl: Number.POSITIVE_INFINITY });
    const { volumes, mounted } = await machine({ udisksctl: done }, { clock }, slow);
    await expect(volumes.release(mounted)).rejects.toMatchObject({ code: 'volume-stalled' });
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

  test('for reading alone writes nothing to the card, not even its dirty mark', async () => {
    const { volumes, mounted, asked } = await machine({ udisksctl: () => ran('Mounted /dev/sdb1 at /media/me/x') });
    await volumes.mount(mounted.drive, mounted.volume, { readOnly: true });
    expect(asked).toEqual(['udisksctl mount --no-user-interaction -o ro -b /dev/sdb1']);
  });

  test('for reading alone as root', async () => {
    const { volumes, mounted, asked } = await machine({ mount: () => ran('') }, { system: ROOT });
    await volumes.mount(mounted.drive, mounted.volume, { readOnly: true });
    expect(asked.at(-1)).toMatch(/^mount -t vfat -o ro,/);
  });

  test('for reading alone is not to be had from fstab, which says itself how', async () => {
    const { volumes, mounted, asked } = await machine({ mount: () => ran('') });
    await expect(volumes.mount(mounted.drive, mounted.volume, { readOnly: true })).rejects.toMatchObject({
      code: 'volume-not-mounted',
    });
    expect(asked).toHaveLength(1);
  });

  test('a volume that is mounted at a path that is not UTF-8 says so, instead of mounting it in vain', async () => {
    const { kernel, volumes, mounted, asked } = await machine({ udisksctl: done });
    const line = UDISKS_MOUNT.replace('/media/me/Untitled\\0401', '/mnt/caf\xe9');
    mkdirSync(join(kernel.proc, 'self'), { recursive: true });
    writeFileSync(join(kernel.proc, 'self', 'mountinfo'), `28 1 254:0 / / rw - ext4 /dev/vda1 rw\n${line}\n`, 'latin1');
    expect(await volumes.list()).toMatchObject([{ volumes: [{ mount: null }] }]);
    await expect(volumes.mount(mounted.drive, mounted.volume)).rejects.toMatchObject({
      code: 'volume-not-mounted',
      message: expect.stringContaining('UTF-8'),
      remedy: expect.stringContaining('umount /dev/sdb1'),
    });
    expect(asked.filter((command) => command.startsWith('udisksctl'))).toEqual([]);
  });

  test('never mounts the drive that has taken the name', async () => {
    const { kernel, volumes, mounted, asked } = await machine({ udisksctl: () => ran('') });
    kernel.attach('sdb', '1-2.3', { devnum: 8, diskseq: 22 });
    await expect(volumes.mount(mounted.drive, mounted.volume)).rejects.toMatchObject({ code: 'volume-gone' });
    expect(asked).toEqual([]);
  });

  test('as root takes away what a killed run left of a drive that is gone, and nothing of another run that goes on', async () => {
    const { kernel, volumes, asked, mounted } = await machine(
      { mount: () => ran(''), umount: () => ran('') },
      { system: ROOT },
    );
    const at = (name: string): string => join(kernel.runDirectory, 'spacepack', name);
    kernel.attach('sdc', '1-2.4', { devnum: 9, diskseq: 23 });
    kernel.mounts(
      `80 28 8:33 / ${at('sdc1')} rw - vfat /dev/sdc1 rw`,
      `81 28 8:49 / ${at('sdd1')} rw - vfat /dev/sdd1 rw`,
      `82 28 8:65 / ${at('sde1')} rw - vfat /dev/sde1 rw`,
      `83 82 0:44 / ${at('sde1')} rw - tmpfs tmpfs rw`,
    );
    await volumes.mount(mounted.drive, mounted.volume);
    expect(asked.filter((line) => line.startsWith('umount'))).toEqual([`umount ${at('sdd1')}`]);
  });

  test('at a point that cannot be made says so', async () => {
    const { kernel, volumes, mounted } = await machine({ mount: () => ran('') }, { system: ROOT });
    mkdirSync(kernel.runDirectory, { recursive: true });
    writeFileSync(join(kernel.runDirectory, 'spacepack'), '');
    await expect(volumes.mount(mounted.drive, mounted.volume)).rejects.toMatchObject({ code: 'volume-not-mounted' });
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
