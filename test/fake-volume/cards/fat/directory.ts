import { followChain } from './chain.ts';
import { type Geometry, isCluster, sectorOf } from './geometry.ts';
import { SECTOR_BYTES, type Sectors } from './sectors.ts';
import { tableOf } from './table.ts';

export const ENTRY_BYTES = 32;
export const ATTRIBUTE = { label: 0x08, folder: 0x10 } as const;
const LONG_NAME = 0x0f;
export const DELETED = 0xe5;

/** Where the 32 bytes of an entry are. */
export interface Slot {
  readonly sector: number;
  readonly offset: number;
}

/** A short entry, as its bytes say it. */
export interface Entry extends Slot {
  /** 11 characters, one a byte. */
  readonly raw: string;
  readonly attributes: number;
  readonly first: number;
  readonly sizeBytes: number;
}

/** The sectors of a folder; 0: the root. */
export function folderSectors(sectors: Sectors, geometry: Geometry, cluster: number): readonly number[] {
  const start = cluster === 0 ? geometry.rootCluster : cluster;
  if (start === 0) return range(geometry.rootSector, geometry.rootSectors);
  const { clusters } = followChain(geometry, tableOf(sectors, geometry), start);
  return clusters.flatMap((each) => range(sectorOf(geometry, each), geometry.clusterSectors));
}

function range(first: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}

/** The bytes of all slots of a folder, up to the one that ends it, which is the last one given. */
export function* slots(sectors: Sectors, folder: readonly number[]): Generator<Slot & { readonly bytes: Buffer }> {
  for (const sector of folder) {
    const bytes = sectors.read(sector);
    for (let offset = 0; offset < SECTOR_BYTES; offset += ENTRY_BYTES) {
      yield { sector, offset, bytes: bytes.subarray(offset, offset + ENTRY_BYTES) };
      if (bytes.readUInt8(offset) === 0) return;
    }
  }
}

/** The short entries of a folder: no deleted ones, none that hold parts of long names, no volume label (protocol §2.2). */
export function entriesOf(sectors: Sectors, folder: readonly number[]): readonly Entry[] {
  const entries: Entry[] = [];
  for (const { sector, offset, bytes } of slots(sectors, folder)) {
    const attributes = bytes.readUInt8(11);
    const lead = bytes.readUInt8(0);
    const isShort = (attributes & 0x3f) !== LONG_NAME && (attributes & ATTRIBUTE.label) === 0;
    if (lead === 0 || lead === DELETED || !isShort) continue;
    entries.push({
      sector,
      offset,
      raw: bytes.toString('latin1', 0, 11),
      attributes,
      first: bytes.readUInt16LE(20) * 0x1_0000 + bytes.readUInt16LE(26),
      sizeBytes: bytes.readUInt32LE(28),
    });
  }
  return entries;
}

export function isFolder({ attributes }: Entry): boolean {
  return (attributes & ATTRIBUTE.folder) !== 0;
}

/** `.` and `..`. */
export function isDots({ raw }: Entry): boolean {
  return raw.startsWith('.');
}

/** All entries of the volume but `.` and `..`, folders before what they hold; folders that form a loop are entered once. */
export function* everyEntry(sectors: Sectors, geometry: Geometry): Generator<Entry> {
  const entered = new Set<number>([0]);
  const open = [0];
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    for (const entry of entriesOf(sectors, folderSectors(sectors, geometry, folder))) {
      if (isDots(entry)) continue;
      yield entry;
      if (!isFolder(entry) || !isCluster(geometry, entry.first) || entered.has(entry.first)) continue;
      entered.add(entry.first);
      open.push(entry.first);
    }
  }
}
