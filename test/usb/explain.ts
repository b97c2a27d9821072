import { followChain } from '../fake-volume/cards/fat/chain.ts';
import { type Entry, entriesOf, everyEntry, isFolder } from '../fake-volume/cards/fat/directory.ts';
import { type Geometry, readGeometry } from '../fake-volume/cards/fat/geometry.ts';
import { controlPartition } from '../fake-volume/cards/fat/partition.ts';
import { SECTOR_BYTES, type Sectors, sectorsOf } from '../fake-volume/cards/fat/sectors.ts';
import { tableOf } from '../fake-volume/cards/fat/table.ts';

/** The parts of a volume that a write can be about. */
export type Lane = 'start' | 'count' | 'table 1' | 'table 2' | 'folder' | 'data';

/** What a write changes, in words. */
export interface Explanation {
  readonly lane: Lane;
  readonly words: string;
}

/** Who owns a cluster of data: a folder, or a file by its raw name. */
export type Owners = ReadonlyMap<number, { readonly name: string; readonly isFolder: boolean }>;

export function geometryOf(sectors: Sectors): Geometry {
  const partition = controlPartition(sectors);
  const geometry = partition === null ? null : readGeometry(sectors, partition);
  if (geometry === null) throw new Error('Expected a FAT volume in an MBR, found none.');
  return geometry;
}

/** All clusters in use, as the card is now. */
export function ownersOf(sectors: Sectors): Owners {
  const geometry = geometryOf(sectors);
  const table = tableOf(sectors, geometry);
  const owners = new Map<number, { name: string; isFolder: boolean }>();
  const own = (first: number, name: string, folder: boolean) => {
    for (const cluster of followChain(geometry, table, first).clusters) owners.set(cluster, { name, isFolder: folder });
  };
  own(geometry.rootCluster, 'the root', true);
  for (const entry of everyEntry(sectors, geometry)) own(entry.first, nameOf(entry), isFolder(entry));
  return owners;
}

/** Explains a write that has not landed yet. `owners`: of the clusters, once all has landed. */
export function explain(sectors: Sectors, owners: Owners, first: number, bytes: Buffer): Explanation {
  const geometry = geometryOf(sectors);
  const old = Buffer.from(sectors.read(first, bytes.length / SECTOR_BYTES));
  const { bootSector, infoSector, firstTable, tableSectors, firstData } = geometry;
  if (first === bootSector)
    return { lane: 'start', words: `boot sector: dirty mark ${stateOf(old)} -> ${stateOf(bytes)}` };
  if (first === infoSector) {
    return { lane: 'count', words: `FSInfo: ${old.readUInt32LE(488)} -> ${bytes.readUInt32LE(488)} clusters free` };
  }
  if (first >= firstTable && first < firstTable + 2 * tableSectors) {
    const copy = first < firstTable + tableSectors ? 1 : 2;
    return { lane: `table ${copy}`, words: `table ${copy}: ${changedCells(geometry, first, old, bytes)}` };
  }
  const cluster = Math.floor((first - firstData) / geometry.clusterSectors) + 2;
  const owner = owners.get(cluster);
  if (owner?.isFolder === true)
    return { lane: 'folder', words: `${owner.name}: ${changedEntries(sectors, first, bytes)}` };
  const count = bytes.length / SECTOR_BYTES;
  return { lane: 'data', words: `${count} sector${count === 1 ? '' : 's'} of ${owner?.name ?? 'no file'}` };
}

/**
 * Whether a write that has not landed yet is one that the system makes of its own accord: the dirty mark, the count of free
 * clusters, times of a folder's entries.
 */
export function isUpkeep(sectors: Sectors, first: number, bytes: Buffer): boolean {
  const { lane, words } = explain(sectors, ownersOf(sectors), first, bytes);
  return lane === 'start' || lane === 'count' || (lane === 'folder' && words.endsWith(ONLY_TIMES));
}

const ONLY_TIMES = 'no entry changed but its times';

function stateOf(boot: Buffer): string {
  return (boot.readUInt8(0x41) & 1) === 1 ? 'set' : 'clear';
}

function changedCells({ firstTable, tableSectors, bits }: Geometry, first: number, old: Buffer, now: Buffer): string {
  if (bits !== 32) return 'cells of the chains';
  const before = ((first - firstTable) % tableSectors) * (SECTOR_BYTES / 4);
  const cells = Array.from({ length: now.length / 4 }, (_, index) => index);
  const changed = cells.filter((index) => old.readUInt32LE(index * 4) !== now.readUInt32LE(index * 4));
  const [from, to] = [changed[0], changed.at(-1)];
  if (from === undefined || to === undefined) return 'nothing new';
  const isFreed = changed.every((index) => now.readUInt32LE(index * 4) === 0);
  const range = from === to ? `cluster ${before + from}` : `clusters ${before + from} to ${before + to}`;
  return `${range} ${isFreed ? 'freed' : 'chained'}`;
}

function changedEntries(sectors: Sectors, first: number, bytes: Buffer): string {
  const [old, now] = [Buffer.from(sectors.read(first, bytes.length / SECTOR_BYTES)), bytes].map((each) => {
    const whole = sectorsOf(each);
    return entriesOf(
      whole,
      Array.from({ length: whole.count }, (_, index) => index),
    );
  });
  const text = (entry: Entry) => `${nameOf(entry)} of ${entry.sizeBytes} bytes at cluster ${entry.first}`;
  const before = new Set(old?.map(text));
  const after = new Set(now?.map(text));
  const came = [...after].filter((each) => !before.has(each)).map((each) => `+ ${each}`);
  const went = [...before].filter((each) => !after.has(each)).map((each) => `- ${each}`);
  return [...went, ...came].join(', ') || ONLY_TIMES;
}

function nameOf({ raw }: Entry): string {
  const extension = raw.slice(8).trim();
  return raw.slice(0, 8).trim() + (extension === '' ? '' : `.${extension}`);
}
