import { SpacepackError } from '../protocol/errors.ts';
import { findSame, identityOf } from '../protocol/identity.ts';
import { matches } from '../protocol/match.ts';
import type { Drive, MountedVolume } from '../protocol/sight.ts';
import type { RunContext } from './context.ts';

/** The drives that may be devices of this family. */
export async function familyDrives({ environment, family }: RunContext): Promise<readonly Drive[]> {
  return (await environment.volumes.list()).filter((drive) => matches(family, drive));
}

/** The attachments of all drives but one; `null`: of all. */
export function othersIn(drives: readonly Drive[], own: Drive | null): readonly string[] {
  return drives.map(({ attachment }) => attachment).filter((attachment) => attachment !== own?.attachment);
}

/** The control volume of a drive if it is mounted. Throws the codes of `Family.controlVolume`. */
export function mountedControlVolume({ family }: RunContext, drive: Drive): MountedVolume | null {
  const volume = family.controlVolume(drive);
  return volume?.mount ? { drive, volume, mount: volume.mount } : null;
}

/** Mounts a drive's control volume, read-only in a dry run; `null` if it is gone again. */
async function mountOurselves(
  context: RunContext,
  drive: Drive,
  options: { readonly readOnly?: boolean } = {},
): Promise<MountedVolume | null> {
  const volume = context.family.controlVolume(drive);
  if (volume === null) return null;
  const readOnly = options.readOnly ?? context.options.dryRun ?? false;
  await context.environment.volumes.mount(drive, volume, { readOnly });
  // Only a listing shows which mount this made, so that it can be removed at the end. If one fails, the next may work.
  const look = (): Promise<Drive | null> => findAttachment(context, drive.attachment);
  const again = await look().catch(look);
  return again && mountedControlVolume(context, again);
}

type Mounter = (drive: Drive, options?: { readonly readOnly?: boolean }) => Promise<MountedVolume | null>;

/**
 * Makes a function that returns a drive's control volume once it is mounted, and `null` until then. It gives the system
 * `mountMs` to mount the volume, then mounts it itself, once per attachment, and rejects as `VolumePort.mount` does.
 */
export function createMounter(context: RunContext): Mounter {
  const { clock } = context.environment;
  const firstSeen = new Map<string, number>();
  const tried = new Set<string>();
  return async (drive, options) => {
    const mounted = mountedControlVolume(context, drive);
    if (mounted !== null || context.family.controlVolume(drive) === null) return mounted;
    const since = firstSeen.get(drive.attachment) ?? clock.now();
    firstSeen.set(drive.attachment, since);
    if (clock.now() - since < context.family.patience.mountMs || tried.has(drive.attachment)) return null;
    tried.add(drive.attachment);
    const own = await mountOurselves(context, drive, options);
    if (own !== null) context.findings.ownMounts.push(own);
    return own;
  };
}

/** The drive of this attachment as it is now; `null` if it is gone. */
export async function findAttachment({ environment }: RunContext, attachment: string): Promise<Drive | null> {
  const drives = await environment.volumes.list();
  return drives.find((drive) => drive.attachment === attachment) ?? null;
}

/** Whether a volume's drive is known to be gone. A listing that fails means "not known". */
export async function hasLeft({ environment }: RunContext, { drive }: MountedVolume): Promise<boolean> {
  const drives = await environment.volumes.list().catch(() => null);
  return drives !== null && !drives.some(({ attachment }) => attachment === drive.attachment);
}

/**
 * The volume as it is or, if we mounted it read-only to look, mounted again for writing. Rejects as `freshMount` does.
 */
export async function writable(context: RunContext, volume: MountedVolume): Promise<MountedVolume | null> {
  const isForALook = volume.mount.readOnly && isOwnMount(context, volume) && !context.options.dryRun;
  return isForALook ? freshMount(context, volume) : volume;
}

/**
 * The volume on a new mount: an older one may still show what was there before the device changed its medium, and what is
 * written to it would damage what is there now. Rejects as `freshMount` does, and with `volume-gone`.
 */
export async function mountedAnew(context: RunContext, before: MountedVolume): Promise<MountedVolume> {
  const fresh = await freshMount(context, before);
  if (fresh !== null) return fresh;
  // Where mounting it has shown that the medium is another, the attachment has changed too.
  const drive = findSame(identityOf(before.drive), await familyDrives(context));
  const volume = drive && mountedControlVolume(context, drive);
  if (volume !== null) return volume;
  throw new SpacepackError('volume-gone', 'Expected to mount the volume anew, found it gone.');
}

/** Whether this run made the mount. */
export function isOwnMount({ findings }: RunContext, { mount }: MountedVolume): boolean {
  return findings.ownMounts.some((own) => own.mount.id === mount.id);
}

/** Unmounts, and remembers where somebody else had mounted the volume. Rejects as `VolumePort.release` does. */
export async function release(context: RunContext, volume: MountedVolume): Promise<void> {
  await context.letGo();
  const isOwn = isOwnMount(context, volume);
  const paths = await context.environment.volumes.release(volume);
  if (!isOwn) for (const path of paths) context.findings.unmounted.add(path);
}

/**
 * The volume on a mount made after `before`, so that no old cache can answer; `null` if there is none. If the volume is
 * still mounted as before, unmounts it first; rejects as `VolumePort.release` and `VolumePort.mount` do.
 */
export async function freshMount(
  context: RunContext,
  before: MountedVolume,
  options: { readonly readOnly?: boolean } = {},
): Promise<MountedVolume | null> {
  const { attachment } = before.drive;
  const drive = await findAttachment(context, attachment);
  const now = drive && mountedControlVolume(context, drive);
  if (now && now.mount.id !== before.mount.id) return now;
  if (now) await release(context, now);
  const unmounted = await findAttachment(context, attachment);
  const fresh =
    unmounted && (mountedControlVolume(context, unmounted) ?? (await mountOurselves(context, unmounted, options)));
  // A volume that was mounted when we came stays mounted.
  if (fresh && isOwnMount(context, before)) context.findings.ownMounts.push(fresh);
  return fresh;
}
