import { SpacepackError } from '../errors.ts';
import { toHex } from '../hex.ts';
import type { Drive, Volume } from '../sight.ts';

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
 * The first FAT volume of an MBR card (protocol §1.1); `null` while the system is still reading the card. Throws
 * `card-missing`, `card-gpt`, `card-no-partition-table` or `card-file-system` for a card that the device cannot use
 * (protocol §1.2).
 */
export function controlVolume(drive: Drive): Volume | null {
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
