import type { DeviceInfo } from '../protocol/device-info.ts';
import { SpacepackError } from '../protocol/errors.ts';
import type { Family } from '../protocol/family.ts';
import { contradictionIn } from '../protocol/identity.ts';
import { hasIds, isNamedByUsb, matches } from '../protocol/match.ts';
import { printable } from '../protocol/printable.ts';
import type { Drive, MountedVolume } from '../protocol/sight.ts';
import type { Environment, VolumePort } from '../volume/port.ts';

/** A plugged-in device, as far as one look shows. */
export interface DeviceSight {
  /** What `--device` takes: the serial, else the port, else the system's name of the drive. */
  readonly id: string;
  readonly family: Family;
  readonly drive: Drive;
  /** `null` unless its control volume is mounted. */
  readonly volume: MountedVolume | null;
  /** `null` unless what it says about itself is intact. Not a fact if `problem` contradicts it. */
  readonly info: DeviceInfo | null;
  /** Why nothing can be done with the device as it is; `null` if all is well. */
  readonly problem: SpacepackError | null;
}

async function lookInside(
  volumes: VolumePort,
  family: Family,
  volume: MountedVolume,
): Promise<DeviceInfo | SpacepackError> {
  const { info } = family.files;
  const path = info?.path ?? 'what the drive says';
  const bytes = info === null ? new Uint8Array() : await volumes.read(volume, info.path, info.limitBytes + 1);
  if (bytes === null) return new SpacepackError('info-missing', `Expected ${path}, found none.`);
  const parsed = family.parseInfo(bytes, volume.drive);
  if (parsed.kind === 'intact') return parsed.value;
  const code = parsed.kind === 'absent' ? 'info-missing' : 'info-malformed';
  return new SpacepackError(code, `${path}: ${parsed.why}.`);
}

/** `info-stale` if the files are old: not what the device says about itself over USB. */
function staleness(family: Family, drive: Drive, info: DeviceInfo): SpacepackError | null {
  const message = family.stalenessOf(info, drive);
  return message === null ? null : new SpacepackError('info-stale', message);
}

async function lookAt(volumes: VolumePort, family: Family, drive: Drive): Promise<DeviceSight> {
  const id = drive.usb?.serial ?? drive.usb?.port ?? drive.id;
  const sight: DeviceSight = { id, family, drive, volume: null, info: null, problem: null };
  try {
    const found = family.controlVolume(drive);
    if (found === null && drive.volumes.some(({ mount }) => mount !== null)) {
      const message = `Expected a volume on ${id} that a ${family.name} can have, found none.`;
      return { ...sight, problem: new SpacepackError('volume-not-mounted', message) };
    }
    if (!found?.mount) {
      const message = `Expected the volume of ${id} to be mounted, found it unmounted.`;
      return { ...sight, problem: new SpacepackError('volume-not-mounted', message) };
    }
    const volume: MountedVolume = { drive, volume: found, mount: found.mount };
    const inside = await lookInside(volumes, family, volume);
    if (inside instanceof SpacepackError) return { ...sight, volume, problem: inside };
    const problem = contradictionIn(family, drive, inside) ?? staleness(family, drive, inside);
    return { ...sight, id: drive.usb?.serial ?? inside.serial ?? id, volume, info: inside, problem };
  } catch (thrown) {
    if (thrown instanceof SpacepackError) return { ...sight, problem: thrown };
    throw thrown;
  }
}

/** A plain folder, or a drive with other ids, counts as a device only if the device's files were found in it. */
function isDevice({ drive, family, info, problem }: DeviceSight): boolean {
  if (drive.usb === null) return problem?.code !== 'info-missing';
  return hasIds(family, drive) || info !== null || problem?.code === 'info-malformed';
}

/** Whether the files of a family are on the drive. */
const isClaim = (sight: DeviceSight): boolean =>
  isDevice(sight) && (sight.info !== null || sight.problem?.code === 'info-malformed');

/** The device on a drive, from what each family sees; `null`: none. */
function settle(sights: readonly DeviceSight[]): DeviceSight | null {
  const claims = sights.filter(isClaim);
  const [claim] = claims;
  if (claim !== undefined && claims.length > 1) {
    const names = claims.map(({ family }) => `${family.name} (${family.id})`).join(' and ');
    const message = `Expected one kind of device to claim ${claim.drive.id}, found ${names}.`;
    return { ...claim, info: null, problem: new SpacepackError('profiles-clash', message) };
  }
  const devices = sights.filter(isDevice);
  return claim ?? devices.find(({ problem }) => problem?.code !== 'info-missing') ?? devices[0] ?? null;
}

/**
 * The families that a drive may be of. What USB says of it in full rules out those that are known by files alone, which
 * anybody may have copied there.
 */
function candidatesFor(families: readonly Family[], drive: Drive): readonly Family[] {
  const matching = families.filter((family) => matches(family, drive));
  const named = matching.filter((family) => isNamedByUsb(family, drive));
  return named.length === 0 ? matching : matching.filter((family) => hasIds(family, drive));
}

async function lookAtAll(volumes: VolumePort, families: readonly Family[], drive: Drive): Promise<DeviceSight[]> {
  return Promise.all(candidatesFor(families, drive).map((family) => lookAt(volumes, family, drive)));
}

/** All plugged-in devices of these families; one look, writes and mounts nothing. Rejects with `listing-failed`. */
export async function find(
  { volumes }: Pick<Environment, 'volumes'>,
  families: readonly Family[],
): Promise<readonly DeviceSight[]> {
  const drives = await volumes.list();
  const sights = await Promise.all(drives.map((drive) => lookAtAll(volumes, families, drive)));
  return sights.flatMap((found) => settle(found) ?? []);
}

/** What a family makes of a drive. */
export interface Claim {
  readonly drive: Drive;
  readonly family: Family;
  /** `null`: it claims the drive. Else why it does not, as a sentence. */
  readonly whyNot: string | null;
}

/** What each family makes of each drive that is there. Rejects as `find` does. */
export async function explain(
  { volumes }: Pick<Environment, 'volumes'>,
  families: readonly Family[],
): Promise<readonly Claim[]> {
  const all = await Promise.all(
    (await volumes.list()).map(async (drive) => {
      const sights = await lookAtAll(volumes, families, drive);
      return families.map((family): Claim => {
        const sight = sights.find((each) => each.family === family);
        if (sight === undefined) return { drive, family, whyNot: mismatch(family, drive, families) };
        return {
          drive,
          family,
          whyNot: isClaim(sight) ? null : (sight.problem?.message ?? mismatch(family, drive, families)),
        };
      });
    }),
  );
  return all.flat();
}

function mismatch(family: Family, drive: Drive, families: readonly Family[]): string {
  const other = families.find((each) => isNamedByUsb(each, drive));
  if (family.isKnownByFiles && other !== undefined) {
    return `Expected a drive of unknown USB ids, found those of ${other.name} (${other.id}).`;
  }
  if (!family.isKnownByFiles && !hasIds(family, drive)) return 'Expected other USB ids.';
  const { vendor, product } = family.inquiry ?? { vendor: '', product: '' };
  const found = [drive.vendor, drive.product].filter(Boolean).join(' ') || 'none';
  return `Expected the name ${`${vendor} ${product}`.trim()}, found ${printable(found)}.`;
}
