import { SpacepackError, toSpacepackError } from '../protocol/errors.ts';
import type { Family } from '../protocol/family.ts';
import type { Drive, MountedVolume, Volume } from '../protocol/sight.ts';
import type { VolumePort } from '../volume/port.ts';

async function mounted(volumes: VolumePort, family: Family, attachment: string): Promise<MountedVolume | null> {
  const drive = (await volumes.list()).find((candidate) => candidate.attachment === attachment);
  const volume = drive === undefined ? null : family.controlVolume(drive);
  return drive && volume?.mount ? { drive, volume, mount: volume.mount } : null;
}

const UNMOUNT = 'Unmount it before you pull the device out.';

/** The mount that was just made, as only a listing shows; `null`: it is gone. Tells `onKept` if no listing works. */
async function mountedNow(
  volumes: VolumePort,
  family: Family,
  { attachment }: Drive,
  { id }: Volume,
  onKept: (error: SpacepackError) => void,
): Promise<MountedVolume | null> {
  const look = (): Promise<MountedVolume | null> => mounted(volumes, family, attachment);
  try {
    return await look().catch(look);
  } catch (thrown) {
    const { code, message } = toSpacepackError(thrown);
    onKept(
      new SpacepackError(code, `${id} was mounted to read it, and may still be mounted: ${message}`, {
        remedy: UNMOUNT,
      }),
    );
    throw thrown;
  }
}

/** After a failed mount the volume may still be mounted, by us or by the system: it is left alone and reported. */
async function tellIfMounted(
  volumes: VolumePort,
  family: Family,
  { attachment }: Drive,
  thrown: unknown,
  onKept: (error: SpacepackError) => void,
): Promise<void> {
  const now = await mounted(volumes, family, attachment).catch(() => null);
  if (now === null) return;
  const { code, message } = toSpacepackError(thrown);
  const found = `${now.volume.id} is mounted at ${now.mount.path}, and it is not known by whom: ${message}`;
  onKept(new SpacepackError(code, found, { remedy: UNMOUNT }));
}

/**
 * Mounts the control volume of a drive for as long as `use` takes, and leaves it unmounted, as it was found; calls
 * `onKept` if it stays mounted, or may. `null`: it did not stay mounted long enough. Rejects with the codes of the
 * card, of `VolumePort.mount`, and with `listing-failed`.
 */
export async function whileMounted<T>(
  volumes: VolumePort,
  family: Family,
  drive: Drive,
  use: (volume: MountedVolume) => Promise<T>,
  onKept: (error: SpacepackError) => void,
): Promise<T | null> {
  const volume = family.controlVolume(drive);
  if (volume === null) return null;
  try {
    await volumes.mount(drive, volume);
  } catch (thrown) {
    await tellIfMounted(volumes, family, drive, thrown, onKept);
    throw thrown;
  }
  const now = await mountedNow(volumes, family, drive, volume, onKept);
  if (now === null) return null;
  try {
    return await use(now);
  } finally {
    await volumes.release(now).catch((thrown: unknown) => {
      const error = toSpacepackError(thrown);
      if (error.code !== 'volume-gone') onKept(error);
    });
  }
}
