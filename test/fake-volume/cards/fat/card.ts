import { type Card, type Found, RESERVED_FOLDER, type ReservedName } from '../card.ts';
import { allocate, allocateFolder, findSlots, shortEntry, writeSlot } from './allocate.ts';
import { followChain } from './chain.ts';
import { chainPasses } from './check.ts';
import { ATTRIBUTE, DELETED, type Entry, entriesOf, folderSectors, isFolder } from './directory.ts';
import { isDirty } from './dirty.ts';
import { countFree, noteFree } from './free-clusters.ts';
import { clusterBytes, type Geometry, isCluster, readGeometry, sectorOf } from './geometry.ts';
import { controlPartition } from './partition.ts';
import type { Sectors } from './sectors.ts';
import { tableOf } from './table.ts';

/**
 * What the firmware's FAT code makes of the sectors of a card as they are now; `null`: no FAT volume in an MBR
 * (protocol §1.1). Every call parses from the partition table on, for a host may have written since.
 */
export function fatCard(sectors: Sectors): Card | null {
  const partition = controlPartition(sectors);
  const geometry = partition === null ? null : readGeometry(sectors, partition);
  return geometry === null ? null : cardOn(sectors, geometry);
}

function cardOn(sectors: Sectors, geometry: Geometry): Card {
  const only = (name: ReservedName): Entry | null => {
    const [entry, second] = reserved(sectors, geometry, name);
    return entry === undefined || second !== undefined || isFolder(entry) ? null : entry;
  };
  const sound = (name: ReservedName): Entry | null => {
    const entry = only(name);
    return entry !== null && chainPasses(sectors, geometry, entry) ? entry : null;
  };
  return {
    dirty: () => isDirty(sectors, geometry),
    freeBytes: () => countFree(sectors, geometry) * clusterBytes(geometry),
    find: (name) => foundAs(reserved(sectors, geometry, name)),
    read: (name, limitBytes) => readEntry(sectors, geometry, only(name), limitBytes),
    chainPasses: (name) => sound(name) !== null,
    rewrite(name, bytes) {
      const entry = sound(name);
      if (entry === null || entry.sizeBytes !== bytes.length) return false;
      overwrite(sectors, geometry, entry, bytes);
      return true;
    },
    create(name, bytes) {
      const folder = reservedFolder(sectors, geometry) ?? createFolder(sectors, geometry);
      if (folder === null || reserved(sectors, geometry, name).length > 0) return false;
      const isDone = createFile(sectors, geometry, folder, rawName(name), bytes);
      if (isDone) noteFree(sectors, geometry);
      return isDone;
    },
    remove(name) {
      const entry = sound(name);
      if (entry === null) return false;
      const bytes = Buffer.from(sectors.read(entry.sector).subarray(entry.offset, entry.offset + 32));
      bytes.writeUInt8(DELETED, 0);
      writeSlot(sectors, entry, bytes);
      const table = tableOf(sectors, geometry);
      for (const cluster of followChain(geometry, table, entry.first).clusters) table.set(cluster, 0);
      if (!isDirty(sectors, geometry)) noteFree(sectors, geometry);
      return true;
    },
  };
}

/** A name as the 11 bytes of an entry have it. */
function rawName(name: string): string {
  const [base = '', extension = ''] = name.split('.');
  return base.padEnd(8) + extension.padEnd(3);
}

function reservedFolder(sectors: Sectors, geometry: Geometry): number | null {
  const raw = rawName(RESERVED_FOLDER);
  const found = entriesOf(sectors, folderSectors(sectors, geometry, 0)).filter((entry) => entry.raw === raw);
  const [folder, second] = found;
  // protocol §2.2: of two, neither counts
  if (folder === undefined || second !== undefined || !isFolder(folder)) return null;
  return isCluster(geometry, folder.first) ? folder.first : null;
}

function reserved(sectors: Sectors, geometry: Geometry, name: ReservedName): readonly Entry[] {
  const folder = reservedFolder(sectors, geometry);
  if (folder === null) return [];
  return entriesOf(sectors, folderSectors(sectors, geometry, folder)).filter((entry) => entry.raw === rawName(name));
}

function foundAs([entry, second]: readonly Entry[]): Found {
  if (entry === undefined) return { kind: 'missing' };
  if (second !== undefined) return { kind: 'twice' };
  return isFolder(entry) ? { kind: 'foreign' } : { kind: 'file', sizeBytes: entry.sizeBytes };
}

function readEntry(sectors: Sectors, geometry: Geometry, entry: Entry | null, limitBytes: number): Uint8Array {
  if (entry === null) return new Uint8Array();
  const { clusters } = followChain(geometry, tableOf(sectors, geometry), entry.first);
  const wanted = Math.min(limitBytes, entry.sizeBytes);
  const parts = clusters
    .slice(0, Math.ceil(wanted / clusterBytes(geometry)))
    .map((cluster) => sectors.read(sectorOf(geometry, cluster), geometry.clusterSectors));
  return Buffer.concat(parts).subarray(0, wanted);
}

function overwrite(sectors: Sectors, geometry: Geometry, entry: Entry, bytes: Uint8Array): void {
  const size = clusterBytes(geometry);
  const { clusters } = followChain(geometry, tableOf(sectors, geometry), entry.first);
  for (const [index, cluster] of clusters.entries()) {
    const part = Buffer.from(sectors.read(sectorOf(geometry, cluster), geometry.clusterSectors));
    part.set(bytes.subarray(index * size, (index + 1) * size));
    sectors.write(sectorOf(geometry, cluster), part);
  }
}

function createFolder(sectors: Sectors, geometry: Geometry): number | null {
  const raw = rawName(RESERVED_FOLDER);
  const isTaken = entriesOf(sectors, folderSectors(sectors, geometry, 0)).some((entry) => entry.raw === raw);
  const slot = isTaken ? undefined : findSlots(sectors, geometry, 0, 1)?.[0];
  const cluster = slot === undefined ? null : allocateFolder(sectors, geometry, 0);
  if (slot === undefined || cluster === null) return null;
  writeSlot(sectors, slot, shortEntry(raw, ATTRIBUTE.folder, cluster, 0));
  return cluster;
}

/** Data, then chain, then the entry, so that power may be lost between any two of them. */
function createFile(sectors: Sectors, geometry: Geometry, folder: number, raw: string, bytes: Uint8Array): boolean {
  const slot = findSlots(sectors, geometry, folder, 1)?.[0];
  const first = slot === undefined ? null : allocate(sectors, geometry, bytes);
  if (slot === undefined || first === null) return false;
  writeSlot(sectors, slot, shortEntry(raw, 0x20, first, bytes.length));
  return true;
}
