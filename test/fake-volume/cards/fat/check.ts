import { clustersFor, followChain } from './chain.ts';
import { type Entry, everyEntry } from './directory.ts';
import type { Geometry } from './geometry.ts';
import type { Sectors } from './sectors.ts';
import { tableOf } from './table.ts';

/**
 * The checks of protocol §9.5 on a file: the chain is exactly as long as the size asks for, both copies of the table agree on
 * it, and no other chain or entry leads into it. Only then may the device write to the file or free its clusters.
 */
export function chainPasses(sectors: Sectors, geometry: Geometry, entry: Entry): boolean {
  const table = tableOf(sectors, geometry);
  const wanted = clustersFor(geometry, entry.sizeBytes);
  if (wanted === 0) return entry.first === 0;
  const { clusters, isWhole } = followChain(geometry, table, entry.first);
  if (!isWhole || clusters.length !== wanted || !clusters.every((cluster) => table.agrees(cluster))) return false;

  const own = new Map(clusters.map((cluster, index) => [cluster, index]));
  const cells = table.cells();
  for (let cluster = 2; cluster < cells.length; cluster += 1) {
    const next = cells[cluster] ?? 0;
    const index = next === 0 ? undefined : own.get(next);
    if (index !== undefined && (index === 0 || clusters[index - 1] !== cluster)) return false;
  }
  for (const other of everyEntry(sectors, geometry)) {
    const isItself = other.sector === entry.sector && other.offset === entry.offset;
    if (!isItself && own.has(other.first)) return false;
  }
  return true;
}
