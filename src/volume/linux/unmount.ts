import { existsSync } from 'node:fs';
import { rmdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { holdersOf } from '../../computer/holders.ts';
import type { Ran } from '../../computer/run-program.ts';
import { leaveFolder } from '../../computer/working-folder.ts';
import { SpacepackError } from '../../protocol/errors.ts';
import type { MountedVolume } from '../../protocol/sight.ts';
import type { Computer } from '../computer.ts';
import { PROGRAMS_MS, UNMOUNT_MS } from '../gates.ts';
import { releaseRemedy } from '../remedies.ts';
import { mountedElsewhere } from './elsewhere.ts';
import { ownMountPoint } from './mount.ts';
import { holding, type MountLine, readMounts, shownAt } from './mountinfo.ts';
import { readUsbAttachment } from './sysfs.ts';

/**
 * Unmounts a volume wherever it is mounted, and resolves with the paths: with udisks, which also lets a desktop user do
 * it and cleans up, else with umount(8). Both flush all caches before they return; only the last unmount clears the
 * dirty mark. A mount whose drive has left is removed too, and then this rejects with `volume-gone`.
 *
 * Both unmount whatever is on top at a path (udisks too: in udiskslinuxfilesystem.c, handle_unmount passes the path
 * that it remembers to umount(2)). So nothing is touched unless each mount of this device is the one visible at its
 * path.
 */
export async function releaseLinux(computer: Computer, mounted: MountedVolume): Promise<readonly string[]> {
  const before = readMounts(computer.proc);
  const first = before.find(({ mountId, device }) => mounted.mount.id.startsWith(`${mountId}/${device}/`));
  if (first === undefined || isReplaced(computer, mounted)) throw gone(mounted);
  const { device } = first;
  const wasThere = isThere(computer, device);
  for (let lines = linesOf(device, before); lines.length > 0; ) {
    const mounts = readMounts(computer.proc);
    const obstacle = obstacleTo(linesOf(device, mounts), mounts);
    if (obstacle !== null)
      throw wasThere ? busy(mounted, obstacle + alreadyDone(before, mounts, device)) : gone(mounted);
    // The last first: a mount inside another one comes after it.
    const line = linesOf(device, mounts).at(-1);
    if (line === undefined) break;
    const failed = await unmount(computer, mounted, line);
    const after = readMounts(computer.proc);
    const left = linesOf(device, after);
    if (left.length >= lines.length) {
      const done = alreadyDone(before, after, device);
      throw isThere(computer, device) ? await refusal(computer, mounted, line, failed, done) : gone(mounted);
    }
    // The mount disappears first; unwritten data is flushed after that.
    if (failed?.failure === 'too-slow' && isThere(computer, device))
      throw stalled(mounted, line, alreadyDone(before, after, device));
    lines = left;
  }
  if (!wasThere) throw gone(mounted);
  const elsewhere = mountedElsewhere(computer.proc, device);
  if (elsewhere !== null) {
    const { name, pid, path } = elsewhere;
    const found = `that ${name} (process ${pid}) has it mounted at ${path} in its own namespace`;
    throw busy(mounted, found + alreadyDone(before, [], device));
  }
  return [...new Set(linesOf(device, before).map(({ path }) => path))];
}

/** Added to a refusal: which of the mounts are already gone. */
function alreadyDone(before: readonly MountLine[], after: readonly MountLine[], device: string): string {
  const left = new Set(linesOf(device, after).map(({ mountId }) => mountId));
  const paths = linesOf(device, before).flatMap(({ mountId, path }) => (left.has(mountId) ? [] : [path]));
  return paths.length === 0 ? '' : `; unmounted already: ${paths.join(', ')}`;
}

/** Other file systems that would be unmounted instead of these mounts, or that block their unmount. */
function obstacleTo(lines: readonly MountLine[], mounts: readonly MountLine[]): string | null {
  for (const line of lines) {
    const shown = holding(line.path, mounts);
    if (shown?.mountId !== line.mountId) return `${nameOf(shown)} mounted over it at ${shown?.path ?? '/'}`;
    const inside = mounts.find(({ parentId, device }) => parentId === line.mountId && device !== line.device);
    if (inside !== undefined) return `${nameOf(inside)} mounted inside it at ${inside.path}`;
  }
  return null;
}

function nameOf(line: MountLine | undefined): string {
  if (line === undefined) return 'another file system';
  return line.source.startsWith('/') ? line.source : `a file system (${line.fileSystem})`;
}

/** `null`: done. Else what the last program to try it said. */
async function unmount(computer: Computer, { volume }: MountedVolume, { path, root }: MountLine): Promise<Ran | null> {
  const { run, runDirectory } = computer;
  leaveFolder(path);
  const own = ownMountPoint(runDirectory, volume.id);
  // udisks chooses one of the mounts itself, so a mount of a folder of the volume is unmounted by its own path.
  if (path !== own && root === '/') {
    const byUdisks = await run('udisksctl', ['unmount', '--no-user-interaction', '-b', volume.id], {
      limitMs: UNMOUNT_MS,
    });
    if (byUdisks.status === 0) return null;
    if (isBusy(byUdisks)) return byUdisks;
    // It may have failed because it came too late: then this path shows what was below.
    if (shownAt(path, readMounts(computer.proc))?.root !== root) return byUdisks;
  }
  const byUmount = await run('umount', [path], { limitMs: PROGRAMS_MS });
  if (byUmount.status !== 0) return byUmount;
  if (path === own) await rmdir(path).catch(() => undefined);
  return null;
}

async function refusal(
  { proc, system }: Computer,
  mounted: MountedVolume,
  line: MountLine,
  ran: Ran | null,
  done: string,
): Promise<SpacepackError> {
  const { volume } = mounted;
  if (ran?.failure === 'too-slow') return stalled(mounted, line, done);
  const { path } = line;
  if (ran === null || !isBusy(ran)) {
    const found = ran?.stderr.trim().split('\n').at(-1) || ran?.failure || `exit status ${ran?.status ?? 0}`;
    const remedy = releaseRemedy(volume.id, path, system);
    return new SpacepackError(
      'volume-permission',
      `releasing ${volume.id} at ${path}: expected it to succeed, found: ${found}${done}`,
      { remedy },
    );
  }
  const holders = await holdersOf(proc, path);
  const others = holders.filter(({ kind }) => kind !== 'own');
  const shell = others.find(({ kind }) => kind === 'shell');
  const who = others.map(({ name, pid }) => `${name} (process ${pid})`).join(', ');
  if (shell !== undefined && others.length === 1) {
    return busy(mounted, `that your shell is in it: ${who}${done}`, {
      remedy: `Leave the volume (cd /) in that shell (${shell.name}, process ${shell.pid}), and repeat the command.`,
    });
  }
  if (who !== '') return busy(mounted, who + done);
  if (holders.length > 0) return busy(mounted, `a call by spacepack itself that has not returned${done}`);
  const unseen =
    system.uid === 0 ? 'something that is not a process: a swap file or a loop device' : 'a program of another user';
  return busy(mounted, unseen + done);
}

function busy({ volume, mount }: MountedVolume, found: string, options: { remedy?: string } = {}): SpacepackError {
  const message = `releasing ${volume.id} at ${mount.path}: expected nobody to use it, found ${found}.`;
  return new SpacepackError('volume-busy', message, options);
}

function stalled({ volume }: MountedVolume, { path }: MountLine, done: string): SpacepackError {
  const message = `releasing ${volume.id} at ${path}: expected it to finish within ${PROGRAMS_MS} ms, found that it did not${done}.`;
  return new SpacepackError('volume-stalled', message);
}

/** udisks adds what its umount(8) says, in the language of the system, to a name that is the same in all. */
function isBusy({ stderr }: Ran): boolean {
  return /\bbusy\b|\bUDisks2\.Error\.DeviceBusy\b/i.test(stderr);
}

function gone({ volume, mount }: MountedVolume): SpacepackError {
  return new SpacepackError(
    'volume-gone',
    `releasing ${volume.id}: expected it mounted at ${mount.path} as before, found another mount or none.`,
  );
}

function linesOf(device: string, mounts: readonly MountLine[]): readonly MountLine[] {
  return mounts.filter((line) => line.device === device);
}

function isThere({ sys }: Computer, device: string): boolean {
  return existsSync(join(sys, 'dev', 'block', device));
}

/** Another drive, or the same one attached again, has the names now. */
function isReplaced({ sys }: Computer, { drive }: MountedVolume): boolean {
  const attachment = readUsbAttachment(sys, basename(drive.id));
  return attachment !== null && attachment !== drive.attachment;
}
