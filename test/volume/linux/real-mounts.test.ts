import { execFileSync } from 'node:child_process';
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../../src/computer/clock.ts';
import { runProgram } from '../../../src/computer/run-program.ts';
import type { MountedVolume } from '../../../src/protocol/sight.ts';
import type { Computer } from '../../../src/volume/computer.ts';
import { holdVolume } from '../../../src/volume/hold.ts';
import { lockFolder } from '../../../src/volume/linux/lock-folder.ts';
import { readMounts, shownAt } from '../../../src/volume/linux/mountinfo.ts';
import { releaseLinux } from '../../../src/volume/linux/unmount.ts';
import type { Platform } from '../../../src/volume/platform.ts';
import type { Hands } from '../../../src/volume/verb.ts';
import { canRun, compiled, otherProcess } from '../../computer/a-process.ts';
import { aComputer, MISSING } from '../a-computer.ts';
import { temporaryFolder } from '../a-volume.ts';

const NAMESPACE = ['unshare', '--mount', 'mount', '-t', 'tmpfs', 'none', '/mnt'] as const;
const mayMount = process.platform === 'linux' && canRun(NAMESPACE[0], ...NAMESPACE.slice(1));
const hasFlock = process.platform === 'linux' && canRun('flock', '--version');

function mount(...args: string[]): void {
  execFileSync('mount', args);
}

function mountTmpfs(path: string): void {
  mkdirSync(path, { recursive: true });
  mount('-t', 'tmpfs', 'spacepack-test', path);
  onTestFinished(() => {
    while (shownAt(path, readMounts('/proc')) !== undefined) execFileSync('umount', ['-l', path]);
  });
}

/** A real file system in the place of a volume: what USB would tell of it is made up. */
async function aMount(): Promise<{ computer: Computer; mounted: MountedVolume; path: string }> {
  const base = await temporaryFolder();
  const path = join(await temporaryFolder(), 'volume');
  mountTmpfs(path);
  const line = shownAt(path, readMounts('/proc'));
  if (line === undefined) throw new Error('expected a mount');
  mkdirSync(join(base, 'sys', 'dev', 'block', line.device), { recursive: true });
  // The real udisks of this computer is not to be asked.
  const run: Computer['run'] = async (program, ...rest) =>
    program === 'udisksctl' ? MISSING : runProgram(program, ...rest);
  const computer = aComputer({ run, proc: '/proc', sys: join(base, 'sys'), runDirectory: join(base, 'run') });
  const id = `${line.mountId}/${line.device}/1:2:3#0`;
  const volume = {
    id: '/dev/sdz1',
    label: '',
    fileSystem: 'fat32',
    sizeBytes: 1,
    mount: { path, id, readOnly: false },
  };
  const drive = {
    id: '/dev/sdz',
    attachment: '1:2:3',
    usb: null,
    vendor: null,
    product: null,
    mediaName: '',
    sizeBytes: 1,
  };
  return {
    computer,
    path,
    mounted: {
      drive: { ...drive, writeProtected: false, scheme: 'mbr', volumes: [volume] },
      volume,
      mount: volume.mount,
    },
  };
}

const UNMOUNT = mayMount ? compiled('src/volume/linux/unmount.ts') : '';
const SUPERVISE = mayMount ? compiled('src/cli/supervise.ts') : '';

describe.skipIf(!mayMount)('the kernel’s own mounts', () => {
  test('another file system over the volume stays where it is, with what is in it', async () => {
    const { computer, mounted, path } = await aMount();
    mountTmpfs(path);
    writeFileSync(join(path, 'theirs'), 'x');
    await expect(releaseLinux(computer, mounted)).rejects.toMatchObject({ code: 'volume-busy' });
    expect(statSync(join(path, 'theirs')).isFile()).toBe(true);
    execFileSync('umount', [path]);
    expect(await releaseLinux(computer, mounted)).toEqual([path]);
    expect(shownAt(path, readMounts('/proc'))).toBeUndefined();
  });

  test('one over the folder above it stays as well, though it was moved there and its line comes first', async () => {
    const elsewhere = join(await temporaryFolder(), 'elsewhere');
    // A mount whose parent is shared cannot be moved.
    mountTmpfs(elsewhere);
    mount('--make-private', elsewhere);
    mountTmpfs(join(elsewhere, 'moved'));
    const { computer, mounted, path } = await aMount();
    const above = join(path, '..');
    mount('--move', join(elsewhere, 'moved'), above);
    onTestFinished(() => void execFileSync('umount', ['-l', above]));
    await expect(releaseLinux(computer, mounted)).rejects.toMatchObject({ code: 'volume-busy' });
    expect(shownAt(above, readMounts('/proc'))?.fileSystem).toBe('tmpfs');
  });

  test('binds of the volume, and of folders in it, go with it and are told', async () => {
    const { computer, mounted, path } = await aMount();
    const [whole, part] = [join(path, '..', 'whole'), join(path, '..', 'part')];
    mkdirSync(join(path, 'DCIM'));
    for (const folder of [whole, part]) mkdirSync(folder);
    mount('--bind', path, whole);
    mount('--bind', join(path, 'DCIM'), part);
    expect([...(await releaseLinux(computer, mounted))].sort()).toEqual([path, whole, part].sort());
    for (const each of [path, whole, part]) expect(shownAt(each, readMounts('/proc'))).toBeUndefined();
  });

  test('a namespace of its own in which the volume stays mounted is named', async () => {
    const { computer, mounted, path } = await aMount();
    const script = "process.stdout.write('up\\n'); setInterval(() => undefined, 1000);";
    const container = await otherProcess(script, ['unshare', '--mount', '--propagation', 'private']);
    await expect(releaseLinux(computer, mounted)).rejects.toMatchObject({
      code: 'volume-busy',
      message: expect.stringMatching(new RegExp(`process ${container.child.pid}\\).*${path}`)),
    });
  });

  /** Lets the volume go as a process of spacepack that stands in it, and says how that ended. */
  const letGo = (computer: Computer, mounted: MountedVolume): string =>
    `const { releaseLinux } = await import(${JSON.stringify(UNMOUNT)});
    const { runProgram } = await import(${JSON.stringify(UNMOUNT)}.replace('volume/linux/unmount', 'computer/run-program'));
    const missing = { status: null, stdout: '', stderr: '', failure: 'missing' };
    const run = async (program, ...rest) => (program === 'udisksctl' ? missing : runProgram(program, ...rest));
    const computer = { ...${JSON.stringify(computer)}, run };
    const end = await releaseLinux(computer, ${JSON.stringify(mounted)}).catch((thrown) => [thrown.code, thrown.message]);
    process.stdout.write(JSON.stringify(end) + '\\n');`;

  test('spacepack itself, started by somebody who stands in the volume, leaves it', async () => {
    const { computer, mounted, path } = await aMount();
    const { said } = await otherProcess(`process.chdir(${JSON.stringify(path)}); ${letGo(computer, mounted)}`);
    expect(JSON.parse(said)).toEqual([path]);
    expect(shownAt(path, readMounts('/proc'))).toBeUndefined();
  });

  test('both its processes leave a volume that they were started in, and neither is said to hold it', async () => {
    const { computer, mounted, path } = await aMount();
    // What the supervisor starts; it says as well that it was started where somebody typed the command.
    const program = `process.send('begun'); if (process.cwd() !== ${JSON.stringify(path)}) throw new Error(process.cwd()); ${letGo(computer, mounted)}`;
    writeFileSync(join(dirname(SUPERVISE), 'program.js'), program);
    const { said } = await otherProcess(
      `const { supervise } = await import(${JSON.stringify(SUPERVISE)});
      // Else the program would be started with this text.
      process.execArgv.length = 0;
      process.chdir(${JSON.stringify(path)});
      supervise([]);`,
    );
    expect(JSON.parse(said)).toEqual([path]);
    expect(shownAt(path, readMounts('/proc'))).toBeUndefined();
  });

  test('a program that stands in the volume is named', async () => {
    const { computer, mounted, path } = await aMount();
    const script = `process.chdir(${JSON.stringify(path)}); process.stdout.write('up\\n'); setInterval(() => undefined, 1000);`;
    // Started by another one that has ended, for what we started ourselves is not named.
    const { said } = await otherProcess(
      `const { spawn } = await import('node:child_process');
      const child = spawn(process.execPath, ['-e', ${JSON.stringify(script)}], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
      child.stdout.once('data', () => { process.stdout.write(child.pid + '\\n'); process.exit(0); });`,
    );
    onTestFinished(() => void process.kill(Number(said), 'SIGKILL'));
    await expect(releaseLinux(computer, mounted)).rejects.toMatchObject({
      code: 'volume-busy',
      message: expect.stringContaining(`(process ${said})`),
    });
  });
});

/** A platform of which only the lock on folders is real. */
function handsWith(parts: Partial<Platform> = {}): Hands {
  const never = async (): Promise<never> => {
    throw new Error('not asked for');
  };
  const platform: Platform = {
    list: never,
    holds: async () => true,
    mount: never,
    release: never,
    look: never,
    watched: () => ({ mountParents: [], notes: [] }),
    lockFolder: (folder) => lockFolder(runProgram, folder),
    ...parts,
  };
  return { platform, clock: systemClock, system: aComputer({}).system };
}

const at = (path: string): MountedVolume => {
  const mount = { path, id: 'x', readOnly: false };
  const volume = { id: '/dev/sdz1', label: '', fileSystem: 'fat32', sizeBytes: 1, mount };
  const drive = {
    id: '/dev/sdz',
    attachment: 'x',
    usb: null,
    vendor: null,
    product: null,
    mediaName: '',
    sizeBytes: 1,
  };
  return { drive: { ...drive, writeProtected: false, scheme: 'mbr', volumes: [volume] }, volume, mount };
};

/** Another process that has the lock of a folder, as `hold` takes it. */
const holder = (path: string, before: readonly string[] = []) =>
  otherProcess(
    `const { openSync } = await import('node:fs');
    const { spawnSync } = await import('node:child_process');
    const folder = openSync(${JSON.stringify(path)}, 'r');
    const { status } = spawnSync('flock', ['-x', '-n', '0'], { stdio: [folder, 'ignore', 'ignore'] });
    process.stdout.write('flock ' + status + '\\n');
    setInterval(() => undefined, 1000);`,
    before,
  );

describe.skipIf(!hasFlock)('a hold on a volume', () => {
  test('is one run’s at a time, until it is given back', async () => {
    const folder = await temporaryFolder();
    const giveBack = await holdVolume(handsWith(), at(folder));
    await expect(holdVolume(handsWith(), at(folder))).rejects.toMatchObject({ code: 'device-locked' });
    expect((await holder(folder)).said).toBe('flock 1');
    await giveBack();
    await (await holdVolume(handsWith(), at(folder)))();
  });

  test('of a process that is killed is free at once', async () => {
    const folder = await temporaryFolder();
    const { child, said } = await holder(folder);
    expect(said).toBe('flock 0');
    await expect(holdVolume(handsWith(), at(folder))).rejects.toMatchObject({ code: 'device-locked' });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
    await (await holdVolume(handsWith(), at(folder)))();
  });

  const CONTAINER = ['unshare', '--net', '--pid', '--mount', '--fork', '--kill-child', '--mount-proc'];
  test.skipIf(!canRun('unshare', ...CONTAINER.slice(1), 'true'))(
    'keeps containers with networks of their own apart',
    async () => {
      const folder = await temporaryFolder();
      const giveBack = await holdVolume(handsWith(), at(folder));
      expect((await holder(folder, CONTAINER)).said).toBe('flock 1');
      await giveBack();
      expect((await holder(folder, CONTAINER)).said).toBe('flock 0');
      await expect(holdVolume(handsWith(), at(folder))).rejects.toMatchObject({ code: 'device-locked' });
    },
  );

  test('is refused on a mount that is another one now, and takes nothing', async () => {
    const folder = await temporaryFolder();
    await expect(holdVolume(handsWith({ holds: async () => false }), at(folder))).rejects.toMatchObject({
      code: 'volume-gone',
    });
    await (await holdVolume(handsWith(), at(folder)))();
  });
});

describe('where folders cannot be locked', () => {
  test.each<[string, Partial<Platform>]>([
    ['there is no such program', { lockFolder: (folder) => lockFolder(async () => MISSING, folder) }],
    [
      'the file system knows no locks',
      {
        lockFolder: (folder) =>
          lockFolder(
            async () => ({ ...MISSING, status: 1, stderr: 'flock: 0: No locks available', failure: null }),
            folder,
          ),
      },
    ],
  ])('because %s, the device’s own lock has to do', async (_, parts) => {
    const folder = await temporaryFolder();
    await (await holdVolume(handsWith(parts), at(folder)))();
  });
});
