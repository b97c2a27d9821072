import { existsSync } from 'node:fs';
import { mkdir, rmdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Ran } from '../../computer/run-program.ts';
import { SpacepackError } from '../../protocol/errors.ts';
import type { Drive, Volume } from '../../protocol/sight.ts';
import type { Computer } from '../computer.ts';
import { mountRemedy } from '../remedies.ts';
import { unlessVanished } from '../vanished.ts';
import { kernelText } from './kernel-text.ts';
import { isNameable, readMounts, shownAt } from './mountinfo.ts';
import { readUsbAttachment } from './sysfs.ts';

/**
 * For a volume that root's run mounts itself: nothing on it is run or trusted, nobody else sees it, and `flush` (vfat)
 * writes data soon instead of half a minute later. The kernel sets the dirty mark at the mount and clears it at the
 * unmount, which the device waits for (protocol §7.3 a); mounted `ro`, it leaves the mark alone.
 */
const OPTIONS = 'nosuid,nodev,noexec,flush,umask=077';

/** Our own mount point: `/run/spacepack/sdb1`. A path in this folder is one that we made. */
export function ownMountPoint(runDirectory: string, volumeId: string): string {
  return join(runDirectory, 'spacepack', basename(volumeId));
}

/**
 * Mounts a FAT volume: with udisks, which mounts it where the user's other programs find it; else, as root, with
 * mount(8) at our own mount point. Rejects with `volume-gone` if another drive has its name now, and with
 * `volume-not-mounted`, naming both ways as the remedy.
 */
export async function mountLinux(
  computer: Computer,
  drive: Drive,
  volume: Volume,
  { readOnly }: { readonly readOnly: boolean },
): Promise<void> {
  const { run, system, runDirectory, sys } = computer;
  if (readUsbAttachment(sys, basename(drive.id)) !== drive.attachment) {
    throw new SpacepackError(
      'volume-gone',
      `mounting ${volume.id}: expected the same drive as before, found another or none.`,
    );
  }
  refuseOddMount(computer, volume);
  const only = readOnly ? ['-o', 'ro'] : [];
  const byUdisks = await run('udisksctl', ['mount', '--no-user-interaction', ...only, '-b', volume.id]);
  if (byUdisks.status === 0 || /AlreadyMounted|already mounted/.test(byUdisks.stderr)) return;
  if (system.uid === 0) {
    const point = ownMountPoint(runDirectory, volume.id);
    await sweep(computer);
    await mkdir(point, { recursive: true, mode: 0o700 });
    const options = `${readOnly ? 'ro' : 'rw'},${OPTIONS}`;
    const byMount = await run('mount', ['-t', 'vfat', '-o', options, volume.id, point]);
    if (byMount.status === 0) return;
    await rmdir(point).catch(() => undefined);
    throw notMounted(computer, volume, byMount, 'mount');
  }
  // An entry in /etc/fstab with the option `user` lets anyone mount it, but not choose how.
  const byTable = readOnly ? byUdisks : await run('mount', [volume.id]);
  if (byTable.status === 0) return;
  throw byUdisks.failure === 'missing' && !readOnly
    ? notMounted(computer, volume, byTable, 'mount')
    : notMounted(computer, volume, byUdisks, 'udisksctl');
}

/** A mount at a path that is no UTF-8 cannot be used here, and the volume would not be mounted a second time. */
function refuseOddMount({ proc, sys }: Computer, { id }: Volume): void {
  const device = unlessVanished(() => kernelText(join(sys, 'class', 'block', basename(id), 'dev')).trim());
  if (!readMounts(proc).some((line) => line.device === device && line.root === '/' && !isNameable(line.path))) return;
  throw new SpacepackError(
    'volume-not-mounted',
    `mounting ${id}: expected a mount point whose path is UTF-8, found one whose path is not.`,
    { remedy: `Unmount it (as root: umount ${id}), and repeat the command.` },
  );
}

/** Unmounts what is left at our own mount points after its drive has gone: a run that was killed could not do it. */
async function sweep({ run, proc, sys, runDirectory }: Computer): Promise<void> {
  for (const { path, mountId, device, source } of readMounts(proc)) {
    if (path !== ownMountPoint(runDirectory, source) || existsSync(join(sys, 'dev', 'block', device))) continue;
    if (shownAt(path, readMounts(proc))?.mountId !== mountId) continue;
    // This fails if it is in use, as it should.
    const { status } = await run('umount', [path]);
    if (status === 0) await rmdir(path).catch(() => undefined);
  }
}

function notMounted({ system }: Computer, volume: Volume, ran: Ran, program: string): SpacepackError {
  const found = ran.stderr.trim().split('\n').at(-1) || ran.failure || `exit status ${ran.status}`;
  return new SpacepackError(
    'volume-not-mounted',
    `mounting ${volume.id}: expected ${program} to succeed, found: ${found}`,
    {
      remedy: mountRemedy(volume.id, system),
    },
  );
}
