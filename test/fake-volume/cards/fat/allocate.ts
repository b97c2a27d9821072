import { clustersFor } from './chain.ts';
import { ATTRIBUTE, DELETED, ENTRY_BYTES, folderSectors, type Slot, slots } from './directory.ts';
import { findFree } from './free-clusters.ts';
import { clusterBytes, type Geometry, sectorOf } from './geometry.ts';
import type { Sectors } from './sectors.ts';
import { tableOf } from './table.ts';

/** Writes bytes into free clusters, data before chain; the first cluster, 0 for no bytes, `null` if there is no room. */
export function allocate(sectors: Sectors, geometry: Geometry, bytes: Uint8Array): number | null {
  const clusters = findFree(sectors, geometry, clustersFor(geometry, bytes.length));
  if (clusters === null) return null;
  const size = clusterBytes(geometry);
  const table = tableOf(sectors, geometry);
  for (const [index, cluster] of clusters.entries()) {
    const part = Buffer.alloc(size);
    part.set(bytes.subarray(index * size, (index + 1) * size));
    sectors.write(sectorOf(geometry, cluster), part);
  }
  for (const [index, cluster] of clusters.entries()) table.set(cluster, clusters[index + 1] ?? table.end);
  return clusters[0] ?? 0;
}

/** So many slots side by side in a folder, for which the folder grows if it must; `null` if there is no room. */
export function findSlots(sectors: Sectors, geometry: Geometry, folder: number, count: number): readonly Slot[] | null {
  const free = freeRun(sectors, folderSectors(sectors, geometry, folder), count);
  if (free !== null) return free;
  if (folder === 0 && geometry.rootCluster === 0) return null;
  const added = allocate(sectors, geometry, new Uint8Array(clusterBytes(geometry)));
  if (added === null) return null;
  const table = tableOf(sectors, geometry);
  let last = folder === 0 ? geometry.rootCluster : folder;
  while (!table.isEnd(table.get(last))) last = table.get(last);
  table.set(last, added);
  return findSlots(sectors, geometry, folder, count);
}

function freeRun(sectors: Sectors, folder: readonly number[], count: number): readonly Slot[] | null {
  let run: Slot[] = [];
  const all = folder.flatMap((sector) => {
    const bytes = sectors.read(sector);
    return Array.from({ length: bytes.length / ENTRY_BYTES }, (_, index) => ({
      sector,
      offset: index * ENTRY_BYTES,
      lead: bytes.readUInt8(index * ENTRY_BYTES),
    }));
  });
  for (const slot of all) {
    run = slot.lead === 0 || slot.lead === DELETED ? [...run, slot] : [];
    if (run.length === count) return run;
  }
  return null;
}

/** Puts the 32 bytes of an entry into its slot. */
export function writeSlot(sectors: Sectors, { sector, offset }: Slot, bytes: Uint8Array): void {
  const whole = Buffer.from(sectors.read(sector));
  whole.set(bytes, offset);
  sectors.write(sector, whole);
}

/** The 32 bytes of a short entry. Date and time are the first of January 1980, for the device has no clock. */
export function shortEntry(raw: string, attributes: number, first: number, sizeBytes: number): Buffer {
  const bytes = Buffer.alloc(ENTRY_BYTES);
  bytes.write(raw, 'latin1');
  bytes.writeUInt8(attributes, 11);
  for (const date of [16, 18, 24]) bytes.writeUInt16LE(0x0021, date);
  bytes.writeUInt16LE(Math.floor(first / 0x1_0000), 20);
  bytes.writeUInt16LE(first % 0x1_0000, 26);
  bytes.writeUInt32LE(sizeBytes, 28);
  return bytes;
}

/** An empty folder below another one; its cluster, or `null` if there is no room. */
export function allocateFolder(sectors: Sectors, geometry: Geometry, parent: number): number | null {
  const cluster = allocate(sectors, geometry, new Uint8Array(clusterBytes(geometry)));
  const first = cluster === null ? undefined : slots(sectors, [sectorOf(geometry, cluster)]).next().value;
  if (cluster === null || first === undefined) return null;
  writeSlot(sectors, first, shortEntry('.          ', ATTRIBUTE.folder, cluster, 0));
  const second = { sector: first.sector, offset: ENTRY_BYTES };
  writeSlot(sectors, second, shortEntry('..         ', ATTRIBUTE.folder, parent, 0));
  return cluster;
}
