import { SpacepackError } from './errors.ts';
import { toHex } from './hex.ts';
import type { DeviceProfile } from './profile.ts';
import type { Drive, Volume } from './sight.ts';

/**
 * Whether a drive may be a device of this family (protocol §1.3). Nothing on the card is looked at: what a lister cannot know,
 * all of a folder or the names of some drives, is left to INFO.TXT.
 */
export function matches(profile: DeviceProfile, drive: Drive): boolean {
  if (drive.usb === null) return true;
  const { vendor, product } = profile.inquiry;
  return hasIds(profile, drive) && mayBe(vendor, drive.vendor) && mayBe(product, drive.product);
}

/** Whether a drive has the USB ids of this family, whatever it calls itself. */
export function hasIds(profile: DeviceProfile, { usb }: Drive): boolean {
  return profile.usb.some(({ vendorId, productId }) => vendorId === usb?.vendorId && productId === usb?.productId);
}

/** What is not known does not decide. */
function mayBe(expected: string, found: string | null): boolean {
  return found === null || found.trim().toLowerCase() === expected.toLowerCase();
}

/** The control volume of a drive, or `null` if the system has not finished looking at the card. */
export type ControlVolume = Volume | null;

/** protocol §1.1 */
const FAT_TYPES: readonly number[] = [0x01, 0x04, 0x06, 0x0b, 0x0c, 0x0e];

const isFat = ({ fileSystem, partitionType }: Volume): boolean =>
  (fileSystem?.startsWith('fat') ?? false) && (partitionType === undefined || FAT_TYPES.includes(partitionType));

function describe(drive: Drive): string {
  const found = drive.volumes.map(({ id, fileSystem, partitionType }) => {
    const type = partitionType === undefined ? '' : ` in a partition of type ${toHex(partitionType, 2)}`;
    return `${fileSystem ?? 'nothing recognised'} on ${id}${type}`;
  });
  return found.length === 0 ? 'no partition' : found.join(', ');
}

/**
 * The first FAT volume of an MBR card (protocol §1.1); `null` while the system still reads the card. Throws `card-missing`,
 * `card-gpt`, `card-no-partition-table` or `card-file-system` for a card that the device cannot use (protocol §1.2).
 */
export function controlVolume(drive: Drive): ControlVolume {
  const name = drive.mediaName;
  if (drive.sizeBytes === 0) throw new SpacepackError('card-missing', `Expected a card in ${name}, found none.`);
  if (drive.scheme === 'unknown') return null;
  if (drive.scheme === 'gpt')
    throw new SpacepackError('card-gpt', `Expected an MBR on the card in ${name}, found a GPT.`);
  if (drive.scheme === 'none') {
    throw new SpacepackError(
      'card-no-partition-table',
      `Expected an MBR on the card in ${name}, found a file system without a partition table.`,
    );
  }
  const fat = drive.volumes.find(isFat);
  if (fat !== undefined) return fat;
  if (drive.volumes.some(({ fileSystem }) => fileSystem === null)) return null;
  throw new SpacepackError(
    'card-file-system',
    `Expected FAT12, FAT16 or FAT32 on the card in ${name}, found ${describe(drive)}.`,
  );
}
