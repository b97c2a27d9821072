import { SpacepackError } from './protocol/errors.ts';
import { contradictionIn } from './protocol/identity.ts';
import { type Info, parseInfo } from './protocol/info.ts';
import { TEXT_LIMIT } from './protocol/key-value.ts';
import { controlVolume, matches } from './protocol/match.ts';
import type { DeviceProfile } from './protocol/profile.ts';
import { PROFILES } from './protocol/profiles/index.ts';
import { stalenessOf } from './protocol/revision.ts';
import type { Drive, MountedVolume } from './protocol/sight.ts';
import type { Environment, VolumePort } from './volume/port.ts';

/** A device that is plugged in, as far as one look can tell. */
export interface DeviceSight {
  /** What `--device` takes: the serial, else the port, else the system's name of the drive. */
  readonly id: string;
  readonly profile: DeviceProfile;
  readonly drive: Drive;
  /** `null` unless its control volume is mounted. */
  readonly volume: MountedVolume | null;
  /** `null` unless INFO.TXT is intact. What it says is no fact where `problem` contradicts it. */
  readonly info: Info | null;
  /** Why nothing can be done with the device as it is; `null` if all is well. */
  readonly problem: SpacepackError | null;
}

async function lookInside(
  volumes: VolumePort,
  profile: DeviceProfile,
  volume: MountedVolume,
): Promise<Info | SpacepackError> {
  const path = `${profile.folder}/${profile.files.info}`;
  const bytes = await volumes.read(volume, path, TEXT_LIMIT + 1);
  if (bytes === null) return new SpacepackError('info-missing', `Expected ${path}, found none.`);
  const parsed = parseInfo(bytes);
  return parsed.kind === 'intact' ? parsed.value : new SpacepackError('info-malformed', `${path}: ${parsed.why}.`);
}

/** INFO.TXT of before is not what the device says of itself over USB. */
function staleness(drive: Drive, info: Info): SpacepackError | null {
  const message = stalenessOf(info, drive.usb?.revision ?? null);
  return message === null ? null : new SpacepackError('info-stale', message);
}

async function lookAt(volumes: VolumePort, profile: DeviceProfile, drive: Drive): Promise<DeviceSight> {
  const id = drive.usb?.serial ?? drive.usb?.port ?? drive.id;
  const sight: DeviceSight = { id, profile, drive, volume: null, info: null, problem: null };
  try {
    const found = controlVolume(drive);
    if (!found?.mount) {
      const message = `Expected the volume of ${id} to be mounted, found it unmounted.`;
      return { ...sight, problem: new SpacepackError('volume-not-mounted', message) };
    }
    const volume: MountedVolume = { drive, volume: found, mount: found.mount };
    const inside = await lookInside(volumes, profile, volume);
    if (inside instanceof SpacepackError) return { ...sight, volume, problem: inside };
    const problem = contradictionIn(profile, drive, inside) ?? staleness(drive, inside);
    return { ...sight, id: drive.usb?.serial ?? inside.serial, volume, info: inside, problem };
  } catch (thrown) {
    if (thrown instanceof SpacepackError) return { ...sight, problem: thrown };
    throw thrown;
  }
}

/** All devices of the known families that are plugged in now, one look, nothing written or mounted. Rejects with `listing-failed`. */
export async function find(
  { volumes }: Pick<Environment, 'volumes'>,
  profiles: readonly DeviceProfile[] = PROFILES,
): Promise<readonly DeviceSight[]> {
  const sights: Promise<DeviceSight>[] = [];
  for (const drive of await volumes.list()) {
    const profile = profiles.find((candidate) => matches(candidate, drive));
    if (profile !== undefined) sights.push(lookAt(volumes, profile, drive));
  }
  // A plain folder is a device only by what is in it.
  return (await Promise.all(sights)).filter(
    ({ drive, problem }) => drive.usb !== null || problem?.code !== 'info-missing',
  );
}
