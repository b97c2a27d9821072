import type { CardContent } from '../content.ts';
import { allocate, allocateFolder, findSlots, shortEntry, writeSlot } from './allocate.ts';
import { followChain } from './chain.ts';
import { ATTRIBUTE, DELETED, type Entry, folderSectors, isDots, isFolder, slots } from './directory.ts';
import { noteFree } from './free-clusters.ts';
import { type Geometry, readGeometry, sectorOf } from './geometry.ts';
import { longNameEntries, partOfName } from './long-name.ts';
import { controlPartition } from './partition.ts';
import type { Sectors } from './sectors.ts';
import { tableOf } from './table.ts';

type Named = Entry & { readonly name: string };

/**
 * The files of a card as another computer would show them, long names included: for putting a user's files there and for
 * comparing them. Throws if there is no FAT volume. What it writes, it writes as if the volume were clean.
 */
export function fatContent(sectors: Sectors): CardContent {
  const geometry = () => {
    const partition = controlPartition(sectors);
    const found = partition === null ? null : readGeometry(sectors, partition);
    if (found === null) throw new Error('Expected a FAT volume in an MBR, found none.');
    return found;
  };
  const find = (path: string) => lookUp(sectors, geometry(), path.split('/'));
  return {
    paths: () => [...walk(sectors, geometry(), 0, '')].map(([path]) => path),
    read(path) {
      const entry = find(path);
      return entry === null || isFolder(entry) ? null : bytesOf(sectors, geometry(), entry);
    },
    write(path, bytes) {
      const old = find(path);
      if (old !== null) erase(sectors, geometry(), old);
      const names = path.split('/');
      const name = names.pop() ?? '';
      const folder = names.reduce((parent, each) => enter(sectors, geometry(), parent, each), 0);
      const first = allocate(sectors, geometry(), bytes);
      if (first === null) throw new Error(`Expected room for ${path}, found none.`);
      addEntry(sectors, geometry(), folder, name, 0x20, first, bytes.length);
      noteFree(sectors, geometry());
    },
    writeForeign(path) {
      const names = path.split('/');
      names.reduce((parent, each) => enter(sectors, geometry(), parent, each), 0);
    },
    remove(path) {
      const entry = find(path);
      if (entry !== null) erase(sectors, geometry(), entry);
      noteFree(sectors, geometry());
    },
    damage: () => spoilTable(sectors, geometry()),
  };
}

function* namedEntries(sectors: Sectors, geometry: Geometry, folder: number): Generator<Named> {
  let long = '';
  for (const { sector, offset, bytes } of slots(sectors, folderSectors(sectors, geometry, folder))) {
    const lead = bytes.readUInt8(0);
    const attributes = bytes.readUInt8(11);
    if (lead === 0) return;
    if (lead === DELETED) long = '';
    else if ((attributes & 0x3f) === 0x0f) long = partOfName(bytes) + long;
    else {
      const raw = bytes.toString('latin1', 0, 11);
      const first = bytes.readUInt16LE(20) * 0x1_0000 + bytes.readUInt16LE(26);
      const name = long === '' ? shortName(raw, bytes.readUInt8(12)) : long;
      const entry = { sector, offset, raw, attributes, first, sizeBytes: bytes.readUInt32LE(28), name };
      if ((attributes & ATTRIBUTE.label) === 0 && !isDots(entry)) yield entry;
      long = '';
    }
  }
}

function shortName(raw: string, cases: number): string {
  const base = raw.slice(0, 8).trimEnd();
  const extension = raw.slice(8).trimEnd();
  const [left, right] = [
    (cases & 0x08) === 0 ? base : base.toLowerCase(),
    (cases & 0x10) === 0 ? extension : extension.toLowerCase(),
  ];
  return right === '' ? left : `${left}.${right}`;
}

/** All files with their paths; a folder that lies in itself, as on a damaged card, is entered once. */
function* walk(
  sectors: Sectors,
  geometry: Geometry,
  folder: number,
  above: string,
  entered: ReadonlySet<number> = new Set(),
): Generator<[string, Named]> {
  if (entered.has(folder)) return;
  for (const entry of namedEntries(sectors, geometry, folder)) {
    const path = above === '' ? entry.name : `${above}/${entry.name}`;
    if (isFolder(entry)) yield* walk(sectors, geometry, entry.first, path, new Set([...entered, folder]));
    else yield [path, entry];
  }
}

function lookUp(sectors: Sectors, geometry: Geometry, names: readonly string[], folder = 0): Named | null {
  const [name, ...below] = names;
  const same = (entry: Named) => entry.name.toUpperCase() === name?.toUpperCase();
  const entry = [...namedEntries(sectors, geometry, folder)].find(same);
  if (entry === undefined) return null;
  return below.length === 0 ? entry : isFolder(entry) ? lookUp(sectors, geometry, below, entry.first) : null;
}

function bytesOf(sectors: Sectors, geometry: Geometry, { first, sizeBytes }: Entry): Uint8Array {
  const { clusters } = followChain(geometry, tableOf(sectors, geometry), first);
  const parts = clusters.map((cluster) => sectors.read(sectorOf(geometry, cluster), geometry.clusterSectors));
  return Buffer.concat(parts).subarray(0, sizeBytes);
}

/** The folder of that name, which is made if it is missing. */
function enter(sectors: Sectors, geometry: Geometry, parent: number, name: string): number {
  const found = lookUp(sectors, geometry, [name], parent);
  if (found !== null) return found.first;
  const cluster = allocateFolder(sectors, geometry, parent);
  if (cluster === null) throw new Error(`Expected room for the folder ${name}, found none.`);
  addEntry(sectors, geometry, parent, name, ATTRIBUTE.folder, cluster, 0);
  return cluster;
}

function addEntry(
  sectors: Sectors,
  geometry: Geometry,
  folder: number,
  name: string,
  attributes: number,
  first: number,
  sizeBytes: number,
): void {
  const taken = new Set([...namedEntries(sectors, geometry, folder)].map(({ raw }) => raw));
  const { raw, isExact } = shortNameFor(name, taken);
  const entries = [...(isExact ? [] : longNameEntries(name, raw)), shortEntry(raw, attributes, first, sizeBytes)];
  const places = findSlots(sectors, geometry, folder, entries.length);
  if (places === null) throw new Error(`Expected room for the entry of ${name}, found none.`);
  for (const [index, place] of places.entries()) {
    const bytes = entries[index];
    if (bytes !== undefined) writeSlot(sectors, place, bytes);
  }
}

function shortNameFor(name: string, taken: ReadonlySet<string>): { readonly raw: string; readonly isExact: boolean } {
  const exact = /^([A-Z0-9_~-]{1,8})(?:\.([A-Z0-9_~-]{1,3}))?$/.exec(name);
  if (exact !== null) return { raw: (exact[1] ?? '').padEnd(8) + (exact[2] ?? '').padEnd(3), isExact: true };
  const dot = name.lastIndexOf('.');
  const clean = (text: string) => text.toUpperCase().replace(/[^A-Z0-9]/g, '');
  const base = clean(dot > 0 ? name.slice(0, dot) : name);
  const extension = dot > 0 ? clean(name.slice(dot + 1)).slice(0, 3) : '';
  for (let count = 1; ; count += 1) {
    const tail = `~${count}`;
    const raw = (base.slice(0, 8 - tail.length) + tail).padEnd(8) + extension.padEnd(3);
    if (!taken.has(raw)) return { raw, isExact: false };
  }
}

/** Marks the entry, and those of its long name before it, as deleted, and frees the chain. */
function erase(sectors: Sectors, geometry: Geometry, entry: Named): void {
  const table = tableOf(sectors, geometry);
  const folder = folderOf(sectors, geometry, entry);
  const all = [...slots(sectors, folder)];
  const at = all.findIndex(({ sector, offset }) => sector === entry.sector && offset === entry.offset);
  for (let index = at; index >= 0; index -= 1) {
    const slot = all[index];
    if (slot === undefined || (index < at && (slot.bytes.readUInt8(11) & 0x3f) !== 0x0f)) break;
    const bytes = Buffer.from(slot.bytes);
    bytes.writeUInt8(DELETED, 0);
    writeSlot(sectors, slot, bytes);
  }
  for (const cluster of followChain(geometry, table, entry.first).clusters) table.set(cluster, 0);
}

/** All sectors of the folder that holds the entry. */
function folderOf(sectors: Sectors, geometry: Geometry, { sector }: Entry): readonly number[] {
  const folders = [0, ...everyFolder(sectors, geometry, 0)];
  const lists = folders.map((folder) => folderSectors(sectors, geometry, folder));
  return lists.find((list) => list.includes(sector)) ?? [];
}

function* everyFolder(sectors: Sectors, geometry: Geometry, folder: number): Generator<number> {
  for (const entry of namedEntries(sectors, geometry, folder)) {
    if (!isFolder(entry)) continue;
    yield entry.first;
    yield* everyFolder(sectors, geometry, entry.first);
  }
}

/** Lets one copy of the table differ from the other for every cluster in use: every chain fails its check. */
function spoilTable(sectors: Sectors, geometry: Geometry): void {
  for (let sector = 0; sector < geometry.tableSectors; sector += 1) {
    const copy = geometry.firstTable + geometry.tableSectors + sector;
    const bytes = Buffer.from(sectors.read(copy));
    if (bytes.some((byte) => byte !== 0)) sectors.write(copy, bytes.fill(0, sector === 0 ? 12 : 0));
  }
}
