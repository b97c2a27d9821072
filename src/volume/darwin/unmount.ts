import { leaveFolder } from '../../computer/working-folder.ts';
import { SpacepackError } from '../../protocol/errors.ts';
import type { MountedVolume } from '../../protocol/sight.ts';
import type { Computer } from '../computer.ts';
import { UNMOUNT_MS } from '../gates.ts';
import { releaseRemedy } from '../remedies.ts';
import { diskutilInfo, dissenterOf } from './diskutil.ts';

/**
 * Unmounts with diskutil, which lets the user at the screen unmount removable volumes; umount(8) does not. It flushes
 * all caches and, unlike an eject, leaves the drive there to be mounted again.
 */
export async function releaseDarwin(computer: Computer, { volume, mount }: MountedVolume): Promise<void> {
  const { run, system } = computer;
  const doing = `releasing ${volume.id} at ${mount.path}`;
  const before = await diskutilInfo(computer, volume.id);
  if (before?.mountPoint !== mount.path) throw gone(doing);
  leaveFolder(mount.path);
  const ran = await run('diskutil', ['unmount', volume.id], { limitMs: UNMOUNT_MS });
  if (ran.status === 0) return;
  // If diskutil cannot be asked, what the unmount said is all that is known.
  const after = await diskutilInfo(computer, volume.id).catch(() => undefined);
  if (after === null) throw gone(doing);
  if (after !== undefined && after.mountPoint !== mount.path) return;
  if (ran.failure === 'too-slow') {
    throw new SpacepackError(
      'volume-stalled',
      `${doing}: expected it to finish within ${UNMOUNT_MS} ms, found that it did not.`,
    );
  }
  const said = `${ran.stdout}\n${ran.stderr}`.trim() || ran.failure || `exit status ${ran.status}`;
  const remedy = releaseRemedy(volume.id, mount.path, system);
  if (NOT_ALLOWED.test(said)) {
    throw new SpacepackError('volume-permission', `${doing}: expected diskutil to succeed, found: ${said}`, { remedy });
  }
  // What the user at the screen may unmount stays mounted only if somebody uses it; diskutil may say so in any language.
  const found = dissenterOf(said) ?? said;
  throw new SpacepackError('volume-busy', `${doing}: expected nobody to use it, found ${found}`);
}

/** What diskutil, or Disk Arbitration below it (kDAReturnNotPermitted, kDAReturnNotPrivileged), says of missing rights. */
const NOT_ALLOWED = /not permitted|not privileged|permission|0xF8DA000[89]/i;

function gone(doing: string): SpacepackError {
  return new SpacepackError(
    'volume-gone',
    `${doing}: expected it mounted there as before, found another mount or none.`,
  );
}
