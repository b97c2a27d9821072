import { type DeviceSight, find } from '../../../devices/find.ts';
import { runningVersion } from '../../../protocol/device-info.ts';
import { toSpacepackError } from '../../../protocol/errors.ts';
import type { Family } from '../../../protocol/family.ts';
import { toHex } from '../../../protocol/hex.ts';
import { hasIds, matches } from '../../../protocol/match.ts';
import type { Drive } from '../../../protocol/sight.ts';
import type { Environment, VolumePort } from '../../../volume/port.ts';
import type { SystemVolumes } from '../../../volume/system-volumes.ts';
import type { Io } from '../../io/io.ts';
import { broken, type Finding, good, note } from './finding.ts';

const isSystem = (volumes: VolumePort): volumes is SystemVolumes => 'describeEnumerator' in volumes;

/** Which lister answered; known after a first listing. */
export function checkEnumerator(volumes: VolumePort): readonly Finding[] {
  if (!isSystem(volumes)) return [note('enumerator', 'Lists the folders below --root, not the drives.')];
  const { used, reason } = volumes.describeEnumerator();
  if (used === 'drivelist') return [good('enumerator', 'spacepack lists the drives; drivelist gave a second opinion.')];
  const why = reason ?? 'no reason is known';
  return [good('enumerator', `spacepack lists the drives, without drivelist for a second opinion: ${why}`)];
}

function describe({ id, info, volume }: DeviceSight): string {
  const version = info && runningVersion(info);
  const runs = version ? `runs ${version}` : `is in mode ${info?.mode ?? 'unknown'}`;
  return `${id} ${runs}, ${volume === null ? 'not mounted' : `mounted at ${volume.mount.path}`}`;
}

function judge(sight: DeviceSight): Finding {
  const { id, problem, volume } = sight;
  if (problem === null) {
    const readOnly = volume?.mount.readOnly || volume?.drive.writeProtected;
    return readOnly
      ? broken('device', `${describe(sight)}, read-only`, 'Move the lock switch of the card, or mount it for writing.')
      : good('device', describe(sight));
  }
  const message = `${id}: ${problem.fault.meaning} ${problem.message}`;
  // An update mounts the volume itself if the system allows that.
  return problem.code === 'volume-not-mounted'
    ? note('device', message, problem.remedy)
    : broken('device', message, problem.remedy);
}

const idsText = ({ vendorId, productId }: Family['usb'][number]): string =>
  `${toHex(vendorId, 4)}:${toHex(productId, 4)}`;

/** A drive with the ids of a device but another name: people report it as "not found". */
function nameStranger(drive: Drive, families: readonly Family[]): readonly Finding[] {
  const family = families.find((candidate) => hasIds(candidate, drive) && !matches(candidate, drive));
  if (drive.usb === null || family === undefined) return [];
  const { port } = drive.usb;
  const ids = idsText(drive.usb);
  const place = port === null ? drive.id : `port ${port}`;
  const name = [drive.vendor, drive.product].filter(Boolean).join(' ') || 'nothing';
  const wanted = [family.inquiry?.vendor, family.inquiry?.product].filter(Boolean).join(' ');
  const message = `${ids} at ${place}: expected the name ${wanted}, found ${name}.`;
  return [note('device', message, `If this is a ${family.name}, please report this line.`)];
}

/** macOS asks people before it lets a program read removable volumes; only trying shows the answer. */
function checkPrivacy(platform: NodeJS.Platform, sights: readonly DeviceSight[]): readonly Finding[] {
  if (platform !== 'darwin') return [];
  const denied = sights.find(({ problem }) => problem?.code === 'volume-permission')?.problem;
  if (denied) return [broken('privacy', denied.message, denied.remedy)];
  if (sights.some(({ info }) => info !== null)) return [good('privacy', 'This program may read removable volumes.')];
  return [note('privacy', 'Whether this program may read removable volumes shows only with a device plugged in.')];
}

/** The plugged-in devices and what is wrong with each, drives that almost match, and what listed them. */
export async function checkDevices(
  environment: Environment,
  { families, platform }: Pick<Io, 'families' | 'platform'>,
): Promise<readonly Finding[]> {
  try {
    const sights = await find(environment, families);
    const strangers = (await environment.volumes.list()).flatMap((drive) => nameStranger(drive, families));
    const found = [...sights.map(judge), ...strangers];
    const ids = families.flatMap(({ usb }) => usb.map(idsText)).join(' or ');
    const remedy = `Plug it in, or try another cable or port: the system should show a USB device ${ids}.`;
    const devices = found.length > 0 ? found : [note('device', 'No device is plugged in.', remedy)];
    return [...checkEnumerator(environment.volumes), ...devices, ...checkPrivacy(platform, sights)];
  } catch (thrown) {
    const { message, remedy } = toSpacepackError(thrown);
    return [broken('enumerator', message, remedy), ...checkEnumerator(environment.volumes)];
  }
}
