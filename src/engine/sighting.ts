import { controlVolume, matches } from '../protocol/match.ts';
import type { Drive, MountedVolume } from '../protocol/sight.ts';
import type { Context, Target } from './context.ts';

/** Whether a drive is, or may be, the target. With neither serial nor port known, INFO.TXT has the last word. */
export function isTarget(target: Target, drive: Drive): boolean {
  if (!matches(target.profile, drive)) return false;
  const { usb } = drive;
  if (target.serial !== null) return usb === null || usb.serial === null || usb.serial === target.serial;
  if (target.port !== null) return usb?.port === target.port;
  return drive.id === target.driveId;
}

/** The control volume of a drive if it is mounted. Throws the codes of `controlVolume`. */
export function mountedControlVolume(drive: Drive): MountedVolume | null {
  const volume = controlVolume(drive);
  return volume?.mount ? { drive, volume, mount: volume.mount } : null;
}

/**
 * Makes a function that gives a drive's control volume once it is mounted, and `null` until then. It leaves the system
 * `mountMs` to mount the volume; after that it mounts it itself, once an attachment, and rejects as `VolumePort.mount` does.
 */
export function createMounter(context: Context): (drive: Drive) => Promise<MountedVolume | null> {
  const { clock, volumes } = context.environment;
  const firstSeen = new Map<string, number>();
  const tried = new Set<string>();
  return async (drive) => {
    const mounted = mountedControlVolume(drive);
    if (mounted !== null) return mounted;
    const volume = controlVolume(drive);
    if (volume === null) return null;
    const since = firstSeen.get(drive.attachment) ?? clock.now();
    firstSeen.set(drive.attachment, since);
    if (clock.now() - since < context.profile.patience.mountMs || tried.has(drive.attachment)) return null;
    tried.add(drive.attachment);
    await volumes.mount(drive, volume);
    context.findings.ownMount = true;
    const again = await findAttachment(context, drive.attachment);
    return again && mountedControlVolume(again);
  };
}

/** The drive of this attachment as it is now; `null` if it is gone. */
export async function findAttachment({ environment }: Context, attachment: string): Promise<Drive | null> {
  const drives = await environment.volumes.list();
  return drives.find((drive) => drive.attachment === attachment) ?? null;
}

/** Whether a volume's drive is known to be gone. A listing that fails means "not known". */
export async function hasLeft({ environment }: Context, { drive }: MountedVolume): Promise<boolean> {
  const drives = await environment.volumes.list().catch(() => null);
  return drives !== null && !drives.some(({ attachment }) => attachment === drive.attachment);
}

/** A mount of what is not mounted now, so that no cache of before can answer; `null` if it is mounted, or gone. */
export async function freshMount(context: Context, attachment: string): Promise<MountedVolume | null> {
  const drive = await findAttachment(context, attachment);
  const volume = drive && controlVolume(drive);
  if (!drive || !volume || volume.mount) return null;
  await context.environment.volumes.mount(drive, volume);
  const mounted = await findAttachment(context, attachment);
  return mounted && mountedControlVolume(mounted);
}
