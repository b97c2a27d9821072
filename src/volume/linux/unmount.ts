import { existsSync } from 'node:fs';
import { rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { SpacepackError } from '../../protocol/errors.ts';
import type { MountedVolume } from '../../protocol/sight.ts';
import type { Outside } from '../outside.ts';
import { releaseRemedy } from '../remedies.ts';
import type { Ran } from '../run.ts';
import { holdersOf } from './holders.ts';
import { topmostAt } from './listing.ts';
import { ownMountPoint } from './mount.ts';
import { type MountLine, readMounts } from './mountinfo.ts';

/** A volume is rarely mounted at more than one place; the dirty mark is cleared by the last unmount only. */
const MOST_MOUNTS = 8;

/**
 * Unmounts a volume wherever it is mounted: by udisks, which also lets a desktop user do it and tidies up, else by umount(8).
 * Both flush all caches before they return. A mount whose drive has left is taken away as well, then `volume-gone` says so.
 */
export async function releaseLinux(outside: Outside, mounted: MountedVolume): Promise<void> {
  const first = lineAt(outside, mounted.mount.path);
  if (first === undefined || !mounted.mount.id.startsWith(`${first.mountId}/${first.device}/`)) {
    throw gone(mounted);
  }
  const wasThere = isThere(outside, first.device);
  for (let left = MOST_MOUNTS; left > 0; left -= 1) {
    const line = linesOf(outside, first.device)[0];
    if (line === undefined) break;
    const failed = await unmount(outside, mounted, line);
    if (failed === null || lineAt(outside, line.path)?.mountId !== line.mountId) continue;
    if (!isThere(outside, first.device)) throw gone(mounted);
    throw await refusal(outside, mounted, line, failed);
  }
  if (!wasThere) throw gone(mounted);
}

/** `null`: done. Else what the last program to try it said. */
async function unmount(outside: Outside, { volume }: MountedVolume, { path }: MountLine): Promise<Ran | null> {
  const { run, runDirectory } = outside;
  const own = ownMountPoint(runDirectory, volume.id);
  if (path !== own) {
    const byUdisks = await run('udisksctl', ['unmount', '--no-user-interaction', '-b', volume.id], {
      limitMs: 110_000,
    });
    if (byUdisks.status === 0) return null;
    if (isBusy(byUdisks)) return byUdisks;
  }
  const byUmount = await run('umount', [path], { limitMs: 110_000 });
  if (byUmount.status !== 0) return byUmount;
  if (path === own) await rmdir(path).catch(() => undefined);
  return null;
}

async function refusal(
  { proc, system }: Outside,
  { volume }: MountedVolume,
  { path }: MountLine,
  ran: Ran,
): Promise<SpacepackError> {
  const remedy = releaseRemedy(volume.id, path, system);
  if (!isBusy(ran)) {
    const found = ran.stderr.trim().split('\n').at(-1) || ran.failure || `exit status ${ran.status}`;
    return new SpacepackError('volume-permission', `releasing ${volume.id} at ${path}: ${found}`, { remedy });
  }
  const holders = await holdersOf(proc, path);
  const who = holders.map(({ name, pid }) => `${name} (process ${pid})`).join(', ');
  return new SpacepackError(
    'volume-busy',
    `releasing ${volume.id} at ${path}: expected nobody to use it, found ${who || 'a program of another user'}`,
  );
}

function isBusy({ stderr }: Ran): boolean {
  return /\bbusy\b/i.test(stderr);
}

function gone({ volume, mount }: MountedVolume): SpacepackError {
  return new SpacepackError(
    'volume-gone',
    `releasing ${volume.id}: expected it mounted at ${mount.path} as before, found another mount or none`,
  );
}

function lineAt({ proc }: Outside, path: string): MountLine | undefined {
  return topmostAt(path, readMounts(proc));
}

function linesOf({ proc }: Outside, device: string): readonly MountLine[] {
  return readMounts(proc).filter((line) => line.device === device);
}

function isThere({ sys }: Outside, device: string): boolean {
  return existsSync(join(sys, 'dev', 'block', device));
}
