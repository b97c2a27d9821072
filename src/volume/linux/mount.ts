import { mkdir, rmdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { SpacepackError } from '../../protocol/errors.ts';
import type { Volume } from '../../protocol/sight.ts';
import type { Outside } from '../outside.ts';
import { mountRemedy } from '../remedies.ts';
import type { Ran } from '../run.ts';
import { readMounts } from './mountinfo.ts';

/**
 * For a volume that only root's run mounts: nothing on it is run or trusted, nobody else sees it, and `flush` (vfat) sends what
 * was written soon instead of half a minute later. The kernel sets the dirty mark at the mount and clears it at the unmount,
 * which is what the device waits for (protocol §7.3 a).
 */
const OPTIONS = 'rw,nosuid,nodev,noexec,flush,umask=077';

/** Where our own mount points are: `/run/spacepack/sdb1`. That a path lies here tells that we made it. */
export function ownMountPoint(runDirectory: string, volumeId: string): string {
  return join(runDirectory, 'spacepack', basename(volumeId));
}

/**
 * Mounts a FAT volume: by udisks, which puts it where the user's other programs find it, else, as root, by mount(8) at a point of
 * our own. Rejects with `volume-not-mounted` and both ways as the remedy.
 */
export async function mountLinux(outside: Outside, volume: Volume): Promise<void> {
  const { run, system, runDirectory } = outside;
  const byUdisks = await run('udisksctl', ['mount', '--no-user-interaction', '-b', volume.id]);
  if (byUdisks.status === 0 || /AlreadyMounted|already mounted/.test(byUdisks.stderr)) return;
  if (system.uid === 0) {
    const point = ownMountPoint(runDirectory, volume.id);
    await sweep(outside);
    await mkdir(point, { recursive: true, mode: 0o700 });
    const byMount = await run('mount', ['-t', 'vfat', '-o', OPTIONS, volume.id, point]);
    if (byMount.status === 0) return;
    await rmdir(point).catch(() => undefined);
    throw notMounted(outside, volume, byMount, 'mount');
  }
  // An entry in /etc/fstab with the option `user` lets anyone mount it.
  const byTable = await run('mount', [volume.id]);
  if (byTable.status === 0) return;
  throw byUdisks.failure === 'missing'
    ? notMounted(outside, volume, byTable, 'mount')
    : notMounted(outside, volume, byUdisks, 'udisksctl');
}

/** Unmounts what lies at points of our own though its drive has left: a run that was killed could not. */
async function sweep({ run, proc, runDirectory, system }: Outside): Promise<void> {
  if (system.uid !== 0) return;
  const own = ownMountPoint(runDirectory, '');
  for (const { path } of readMounts(proc)) {
    if (!path.startsWith(`${own}/`)) continue;
    // Fails for one that is in use, which is right.
    const { status } = await run('umount', [path]);
    if (status === 0) await rmdir(path).catch(() => undefined);
  }
}

function notMounted({ system }: Outside, volume: Volume, ran: Ran, program: string): SpacepackError {
  const found = ran.stderr.trim().split('\n').at(-1) || ran.failure || `exit status ${ran.status}`;
  return new SpacepackError('volume-not-mounted', `mounting ${volume.id}: ${program} said: ${found}`, {
    remedy: mountRemedy(volume.id, system),
  });
}
