import { clusterBytes, type Geometry, isCluster } from './geometry.ts';
import type { Table } from './table.ts';

/** The clusters of a chain as far as it can be followed; `isWhole`: it reached a proper end. */
export interface Chain {
  readonly clusters: readonly number[];
  readonly isWhole: boolean;
}

/** Follows a chain, at most for as many steps as the volume has clusters (protocol §2.3). */
export function followChain(geometry: Geometry, table: Table, first: number): Chain {
  const clusters: number[] = [];
  const seen = new Set<number>();
  for (let cluster = first; isCluster(geometry, cluster) && !seen.has(cluster); ) {
    clusters.push(cluster);
    seen.add(cluster);
    const next = table.get(cluster);
    if (table.isEnd(next)) return { clusters, isWhole: true };
    cluster = next;
  }
  return { clusters, isWhole: false };
}

/** How many clusters a file of that size has. */
export function clustersFor(geometry: Geometry, sizeBytes: number): number {
  return Math.ceil(sizeBytes / clusterBytes(geometry));
}
