import type { Sectors } from './sectors.ts';

/** Where a partition lies, in sectors of the card. */
export interface Partition {
  readonly first: number;
  readonly count: number;
}

/** Partition types that hold a FAT (protocol §1.1). */
const FAT_TYPES: readonly number[] = [0x01, 0x04, 0x06, 0x0b, 0x0c, 0x0e];
const TABLE_OFFSET = 446;
const ENTRY_BYTES = 16;

/** The first primary partition of a FAT type in an MBR; `null` if there is none. */
export function controlPartition(sectors: Sectors): Partition | null {
  const mbr = sectors.read(0);
  if (mbr.readUInt16LE(510) !== 0xaa55) return null;
  for (let slot = 0; slot < 4; slot += 1) {
    const entry = mbr.subarray(TABLE_OFFSET + slot * ENTRY_BYTES, TABLE_OFFSET + (slot + 1) * ENTRY_BYTES);
    // Anything else here is no partition table: a boot sector, say.
    if (entry.readUInt8(0) !== 0 && entry.readUInt8(0) !== 0x80) return null;
    const partition = { first: entry.readUInt32LE(8), count: entry.readUInt32LE(12) };
    const isOnCard = partition.first > 0 && partition.first + partition.count <= sectors.count;
    if (FAT_TYPES.includes(entry.readUInt8(4)) && isOnCard) return partition;
  }
  return null;
}
