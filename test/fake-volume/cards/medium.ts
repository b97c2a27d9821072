import { type Card, type Found, RESERVED_FOLDER, type ReservedName } from './card.ts';
import { type CardFacts, isControlVolume } from './facts.ts';

/** A node of the file system; `chain: 'short'`: the entry's size is there, but its clusters are not. */
export interface MediumNode {
  readonly kind: 'file' | 'folder' | 'other';
  readonly bytes: Uint8Array;
  /** As the entry says it. */
  readonly sizeBytes: number;
  readonly chain: 'good' | 'short';
}

/** A card in memory: what is really on it, apart from any cache of a host. */
export interface Medium extends CardFacts {
  writeProtected: boolean;
  dirtyMark: boolean;
  /** Whether the checks of protocol §9.5 fail for every chain. */
  damaged: boolean;
  /** The root folder takes no further entry. */
  rootIsFull: boolean;
  /** Free bytes that something else took; lowers what is left. */
  takenBytes: number;
  /** By path, `/` between names, no slash at the start. */
  readonly nodes: Map<string, MediumNode>;
}

/** An empty, clean card. */
export function createMedium(facts: CardFacts): Medium {
  const marks = { writeProtected: false, dirtyMark: false, damaged: false, rootIsFull: false };
  return { ...facts, ...marks, takenBytes: 0, nodes: new Map() };
}

const CLUSTER_BYTES = 4096;
const NOTHING: Uint8Array = new Uint8Array();

export const FOLDER: MediumNode = { kind: 'folder', bytes: NOTHING, sizeBytes: 0, chain: 'good' };
/** What is neither a file nor a folder, as a link on another file system would be. */
export const FOREIGN: MediumNode = { kind: 'other', bytes: NOTHING, sizeBytes: 0, chain: 'good' };

/** A file that is wholly on the card. */
export function fileNode(bytes: Uint8Array): MediumNode {
  return { kind: 'file', bytes: Buffer.from(bytes), sizeBytes: bytes.length, chain: 'good' };
}

/** A file whose entry reached the card before its chain: nothing of its content can be followed. */
export function entryWithoutChain(sizeBytes: number): MediumNode {
  return { kind: 'file', bytes: NOTHING, sizeBytes, chain: 'short' };
}

export function freeBytes(medium: Medium): number {
  const used = [...medium.nodes.values()].reduce((sum, node) => sum + clusters(node.sizeBytes), 0);
  return Math.max(0, medium.sizeBytes - used - medium.takenBytes);
}

function clusters(bytes: number): number {
  return Math.ceil(bytes / CLUSTER_BYTES) * CLUSTER_BYTES;
}

/** The node of a path as a FAT finds it, without regard to case, with the path as it is stored. */
export function lookUp(medium: Medium, path: string): (MediumNode & { readonly path: string }) | undefined {
  const stored = medium.nodes.has(path)
    ? path
    : [...medium.nodes.keys()].find((candidate) => candidate.toUpperCase() === path.toUpperCase());
  const node = stored === undefined ? undefined : medium.nodes.get(stored);
  return node === undefined || stored === undefined ? undefined : { ...node, path: stored };
}

/** Puts a node, and the folders that it lies in. */
export function putNode(medium: Medium, path: string, node: MediumNode): void {
  const names = path.split('/');
  for (let depth = 1; depth < names.length; depth += 1) {
    const folder = names.slice(0, depth).join('/');
    if (!medium.nodes.has(folder)) medium.nodes.set(folder, FOLDER);
  }
  medium.nodes.set(path, node);
}

/** What the device's FAT code makes of the medium; `null`: no FAT volume in an MBR (protocol §1.1). */
export function cardOf(medium: Medium): Card | null {
  if (!isControlVolume(medium)) return null;
  const paths = (name: ReservedName): readonly string[] => {
    const raw = `${RESERVED_FOLDER}/${name}`;
    // protocol §2.2: lower case is only a bit beside the raw name
    return [...medium.nodes.keys()].filter((path) => path.toUpperCase() === raw);
  };
  const node = (name: ReservedName): MediumNode | undefined => medium.nodes.get(paths(name)[0] ?? '');
  const passes = (name: ReservedName): boolean =>
    !medium.damaged && paths(name).length === 1 && node(name)?.chain === 'good' && node(name)?.kind === 'file';
  const change = (allowed: boolean, name: ReservedName, node: MediumNode | null): boolean => {
    if (!allowed || medium.writeProtected) return false;
    for (const path of paths(name)) medium.nodes.delete(path);
    if (node !== null) putNode(medium, `${RESERVED_FOLDER}/${name}`, node);
    return true;
  };
  const hasRoom = (bytes: number): boolean =>
    freeBytes(medium) >= bytes && !(medium.rootIsFull && lookUp(medium, RESERVED_FOLDER) === undefined);
  return {
    dirty: () => medium.dirtyMark,
    freeBytes: () => freeBytes(medium),
    find: (name) => foundAs(paths(name).length, node(name)),
    read: (name, limitBytes) => node(name)?.bytes.subarray(0, limitBytes) ?? NOTHING,
    chainPasses: passes,
    rewrite: (name, bytes) => change(passes(name) && node(name)?.sizeBytes === bytes.length, name, fileNode(bytes)),
    create: (name, bytes) =>
      change(!medium.damaged && paths(name).length === 0 && hasRoom(bytes.length), name, fileNode(bytes)),
    remove: (name) => change(passes(name), name, null),
  };
}

function foundAs(count: number, node: MediumNode | undefined): Found {
  if (count > 1) return { kind: 'twice' };
  if (node === undefined) return { kind: 'missing' };
  return node.kind === 'file' ? { kind: 'file', sizeBytes: node.sizeBytes } : { kind: 'foreign' };
}
