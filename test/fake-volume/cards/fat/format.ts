import { SECTOR_BYTES, type Sectors, sectorsOf } from './sectors.ts';

/** A new card. */
export interface FormatOptions {
  readonly sizeBytes: number;
  readonly bits: 12 | 16 | 32;
  readonly clusterSectors: number;
  /** At most 11 characters. */
  readonly label: string;
  /** Where the partition begins. Default 2048. */
  readonly firstSector?: number;
}

const RESERVED = { 12: 1, 16: 1, 32: 32 } as const;
const ROOT_ENTRIES = { 12: 512, 16: 512, 32: 0 } as const;
const PARTITION_TYPE = { 12: 0x01, 16: 0x0e, 32: 0x0c } as const;
const INFO_SECTOR = 1;
const BACKUP_SECTOR = 6;
const MEDIA = 0xf8;

/** A card with an MBR and one empty, clean FAT volume, as a camera or a shop would deliver it. For tests: a device never formats. */
export function formatCard(options: FormatOptions): Buffer {
  const image = Buffer.alloc(options.sizeBytes);
  const sectors = sectorsOf(image);
  const first = options.firstSector ?? 2048;
  const total = sectors.count - first;
  writeMbr(image, options.bits, first, total);
  writeVolume(sectors, options, first, total);
  return image;
}

function writeMbr(image: Buffer, bits: 12 | 16 | 32, first: number, total: number): void {
  image.writeUInt32LE(0x5ace9acc, 440);
  image.writeUInt8(PARTITION_TYPE[bits], 446 + 4);
  image.writeUInt32LE(first, 446 + 8);
  image.writeUInt32LE(total, 446 + 12);
  image.writeUInt16LE(0xaa55, 510);
}

function writeVolume(sectors: Sectors, options: FormatOptions, first: number, total: number): void {
  const { bits, clusterSectors, label } = options;
  const rootSectors = (ROOT_ENTRIES[bits] * 32) / SECTOR_BYTES;
  const tableSectors = sectorsOfTable(bits, clusterSectors, total - RESERVED[bits] - rootSectors);
  const boot = Buffer.alloc(SECTOR_BYTES);
  boot.set([0xeb, 0x58, 0x90]);
  boot.write('SPACEPAK', 3, 'latin1');
  boot.writeUInt16LE(SECTOR_BYTES, 11);
  boot.writeUInt8(clusterSectors, 13);
  boot.writeUInt16LE(RESERVED[bits], 14);
  boot.writeUInt8(2, 16);
  boot.writeUInt16LE(ROOT_ENTRIES[bits], 17);
  if (total < 0x1_0000 && bits !== 32) boot.writeUInt16LE(total, 19);
  else boot.writeUInt32LE(total, 32);
  boot.writeUInt8(MEDIA, 21);
  boot.writeUInt16LE(63, 24);
  boot.writeUInt16LE(255, 26);
  boot.writeUInt32LE(first, 28);
  const extended = bits === 32 ? 64 : 36;
  if (bits === 32) {
    boot.writeUInt32LE(tableSectors, 36);
    boot.writeUInt32LE(2, 44);
    boot.writeUInt16LE(INFO_SECTOR, 48);
    boot.writeUInt16LE(BACKUP_SECTOR, 50);
  } else boot.writeUInt16LE(tableSectors, 22);
  boot.writeUInt8(0x80, extended);
  boot.writeUInt8(0x29, extended + 2);
  boot.writeUInt32LE(0x5ace9acc, extended + 3);
  boot.write(label.padEnd(11), extended + 7, 'latin1');
  boot.write(`FAT${bits}   `, extended + 18, 'latin1');
  boot.writeUInt16LE(0xaa55, 510);
  sectors.write(first, boot);

  const firstTable = first + RESERVED[bits];
  for (const copy of [0, 1]) sectors.write(firstTable + copy * tableSectors, startOfTable(bits));
  const root = firstTable + 2 * tableSectors;
  sectors.write(root, labelEntry(label));
  if (bits !== 32) return;
  const clusters = Math.floor((total - RESERVED[32] - 2 * tableSectors) / clusterSectors);
  for (const at of [first, first + BACKUP_SECTOR]) {
    sectors.write(at, boot);
    // The root folder has one cluster.
    sectors.write(at + INFO_SECTOR, infoSector(clusters - 1));
  }
}

/** Enough for the clusters that remain when the tables themselves are taken off. */
function sectorsOfTable(bits: number, clusterSectors: number, rest: number): number {
  const bytesPerSector = SECTOR_BYTES * clusterSectors + (2 * bits) / 8;
  return Math.ceil(((rest * SECTOR_BYTES) / bytesPerSector + 2) * (bits / 8 / SECTOR_BYTES));
}

function startOfTable(bits: 12 | 16 | 32): Buffer {
  const bytes = Buffer.alloc(SECTOR_BYTES);
  if (bits === 12) bytes.set([MEDIA, 0xff, 0xff]);
  else if (bits === 16) bytes.set([MEDIA, 0xff, 0xff, 0xff]);
  else
    for (const [cell, value] of [0x0fffff00 | MEDIA, 0x0fffffff, 0x0fffffff].entries())
      bytes.writeUInt32LE(value, cell * 4);
  return bytes;
}

function labelEntry(label: string): Buffer {
  const bytes = Buffer.alloc(SECTOR_BYTES);
  bytes.write(label.padEnd(11), 'latin1');
  bytes.writeUInt8(0x08, 11);
  bytes.writeUInt16LE(0x0021, 24);
  return bytes;
}

function infoSector(free: number): Buffer {
  const bytes = Buffer.alloc(SECTOR_BYTES);
  bytes.writeUInt32LE(0x41615252, 0);
  bytes.writeUInt32LE(0x61417272, 484);
  bytes.writeUInt32LE(free, 488);
  bytes.writeUInt32LE(3, 492);
  bytes.writeUInt16LE(0xaa55, 510);
  return bytes;
}
