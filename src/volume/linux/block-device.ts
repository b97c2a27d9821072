import type { Drive } from '../../protocol/sight.ts';

/** A disk or partition as the kernel and udev know it. */
export interface BlockDevice {
  /** `/dev/sdb1`. */
  readonly path: string;
  /** `major:minor`. */
  readonly device: string;
  readonly type: string;
  readonly external: boolean;
  readonly readOnly: boolean;
  readonly sizeBytes: number;
  /** As `Volume.fileSystem`. */
  readonly fileSystem: string | null;
  readonly label: string;
  readonly scheme: Drive['scheme'];
  /** As `Volume.partitionType`; `null` if not known. */
  readonly partitionType: number | null;
  readonly children: readonly BlockDevice[];
}

/** `Volume.fileSystem` from blkid's type and version, `vfat` and `FAT32` for instance. */
export function fileSystemOf(type: string | null, version: string | null): string | null {
  if (type !== 'vfat' && type !== 'msdos') return type?.toLowerCase() ?? null;
  return version !== null && /^FAT(12|16|32)$/.test(version) ? version.toLowerCase() : 'fat';
}

/** `Volume.partitionType` from blkid's type of a partition: `0xc` in an MBR, a UUID in a GPT. */
export function partitionTypeOf(type: string | null): number | null {
  return type !== null && /^0x[0-9a-f]{1,2}$/i.test(type) ? Number(type) : null;
}

/**
 * `Drive.scheme` from blkid's type of the partition table. udev takes up to a second after the attach to find it; until
 * then it is not known, which is not a fault.
 */
export function schemeOf(type: string | null, fileSystem: string | null, partitions: number): Drive['scheme'] {
  switch (type?.toLowerCase()) {
    case 'dos':
      return 'mbr';
    case 'gpt':
    case 'pmbr':
      return 'gpt';
    default:
      return fileSystem !== null && partitions === 0 ? 'none' : 'unknown';
  }
}
