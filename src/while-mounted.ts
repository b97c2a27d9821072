import { type SpacepackError, toSpacepackError } from './protocol/errors.ts';
import { controlVolume } from './protocol/match.ts';
import type { Drive, MountedVolume } from './protocol/sight.ts';
import type { VolumePort } from './volume/port.ts';

async function mounted(volumes: VolumePort, attachment: string): Promise<MountedVolume | null> {
  const drive = (await volumes.list()).find((candidate) => candidate.attachment === attachment);
  const volume = drive === undefined ? null : controlVolume(drive);
  return drive && volume?.mount ? { drive, volume, mount: volume.mount } : null;
}

/**
 * Mounts the control volume of a drive for as long as `use` takes, and leaves it unmounted, as it was found; `onKept` is told if
 * that fails. `null`: it did not stay mounted long enough. Rejects with the codes of the card, and of `VolumePort.mount`.
 */
export async function whileMounted<T>(
  volumes: VolumePort,
  drive: Drive,
  use: (volume: MountedVolume) => Promise<T>,
  onKept: (error: SpacepackError) => void,
): Promise<T | null> {
  const volume = controlVolume(drive);
  if (volume === null) return null;
  await volumes.mount(drive, volume);
  const now = await mounted(volumes, drive.attachment);
  if (now === null) return null;
  try {
    return await use(now);
  } finally {
    await volumes.release(now).catch((thrown: unknown) => onKept(toSpacepackError(thrown)));
  }
}
