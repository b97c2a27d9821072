import type { Partition } from './partition.ts';
import { SECTOR_BYTES, type Sectors } from './sectors.ts';

/** Where the parts of a FAT volume lie, from its BIOS parameter block. Sector numbers count from the start of the card. */
export interface Geometry {
  readonly bits: 12 | 16 | 32;
  readonly bootSector: number;
  /** `null`: FAT12 and FAT16 have none. */
  readonly infoSector: number | null;
  readonly firstTable: number;
  readonly tables: number;
  readonly tableSectors: number;
  /** The root folder of FAT12 and FAT16. */
  readonly rootSector: number;
  readonly rootSectors: number;
  /** The root folder of FAT32; 0 on the others. */
  readonly rootCluster: number;
  readonly firstData: number;
  readonly clusterSectors: number;
  /** Clusters are numbered from 2. */
  readonly clusters: number;
}

/** Reads and checks a BIOS parameter block; `null`: no valid one. The count of clusters alone decides the width of the FAT. */
export function readGeometry(sectors: Sectors, { first, count }: Partition): Geometry | null {
  const boot = sectors.read(first);
  const clusterSectors = boot.readUInt8(13);
  const reserved = boot.readUInt16LE(14);
  const tables = boot.readUInt8(16);
  const rootEntries = boot.readUInt16LE(17);
  const total = boot.readUInt16LE(19) || boot.readUInt32LE(32);
  const tableSectors = boot.readUInt16LE(22) || boot.readUInt32LE(36);
  const isSane =
    boot.readUInt16LE(510) === 0xaa55 &&
    (boot.readUInt8(0) === 0xeb || boot.readUInt8(0) === 0xe9) &&
    boot.readUInt16LE(11) === SECTOR_BYTES &&
    clusterSectors > 0 &&
    (clusterSectors & (clusterSectors - 1)) === 0 &&
    reserved > 0 &&
    (tables === 1 || tables === 2) &&
    tableSectors > 0 &&
    total <= count;
  if (!isSane) return null;

  const rootSectors = Math.ceil((rootEntries * 32) / SECTOR_BYTES);
  const firstTable = first + reserved;
  const rootSector = firstTable + tables * tableSectors;
  const firstData = rootSector + rootSectors;
  const clusters = Math.floor((total - (firstData - first)) / clusterSectors);
  const bits = clusters < 4085 ? 12 : clusters < 65_525 ? 16 : 32;
  const rootCluster = bits === 32 ? boot.readUInt32LE(44) : 0;
  const cells = Math.floor((tableSectors * SECTOR_BYTES * 8) / bits);
  const hasRoot = bits === 32 ? rootSectors === 0 && rootCluster >= 2 : rootSectors > 0;
  if (clusters < 1 || cells < clusters + 2 || !hasRoot) return null;
  const infoSector = bits === 32 ? first + boot.readUInt16LE(48) : null;
  return {
    bits,
    bootSector: first,
    infoSector,
    firstTable,
    tables,
    tableSectors,
    rootSector,
    rootSectors,
    rootCluster,
    firstData,
    clusterSectors,
    clusters,
  };
}

export function clusterBytes({ clusterSectors }: Geometry): number {
  return clusterSectors * SECTOR_BYTES;
}

export function isCluster({ clusters }: Geometry, cluster: number): boolean {
  return cluster >= 2 && cluster < clusters + 2;
}

export function sectorOf({ firstData, clusterSectors }: Geometry, cluster: number): number {
  return firstData + (cluster - 2) * clusterSectors;
}
