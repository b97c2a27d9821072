import {
  closeSync,
  constants,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { type Card, RESERVED_FOLDER, type ReservedName } from '../cards/card.ts';

/** What a folder cannot know of the card that it stands for. */
export interface FolderCardSigns {
  dirty(): boolean;
  freeBytes(): number;
  damaged(): boolean;
  writeProtected(): boolean;
}

/** A folder as the firmware's FAT code would see it. Links and folders count as foreign; nothing is followed. */
export function folderCard(root: () => string, signs: FolderCardSigns): Card {
  const folder = () => join(root(), RESERVED_FOLDER);
  // protocol §2.2: lower case is only a bit beside the raw name
  const paths = (name: ReservedName): readonly string[] =>
    namesIn(folder())
      .filter((candidate) => candidate.toUpperCase() === name)
      .map((candidate) => join(folder(), candidate));
  const find: Card['find'] = (name) => {
    const [path, second] = paths(name);
    if (second !== undefined) return { kind: 'twice' };
    const stats = path === undefined ? undefined : lstatSync(path, { throwIfNoEntry: false });
    if (stats === undefined) return { kind: 'missing' };
    return stats.isFile() ? { kind: 'file', sizeBytes: stats.size } : { kind: 'foreign' };
  };
  const passes = (name: ReservedName) => !signs.damaged() && find(name).kind === 'file';
  const change = (allowed: boolean, action: () => void): boolean => {
    if (!allowed || signs.writeProtected()) return false;
    action();
    return true;
  };
  const pathOf = (name: ReservedName) => paths(name)[0] ?? join(folder(), name);
  return {
    dirty: signs.dirty,
    freeBytes: signs.freeBytes,
    find,
    read: (name, limitBytes) => (find(name).kind === 'file' ? readStart(pathOf(name), limitBytes) : new Uint8Array()),
    chainPasses: passes,
    rewrite: (name, bytes) => change(passes(name), () => put(pathOf(name), constants.O_WRONLY, bytes)),
    create(name, bytes) {
      return change(!signs.damaged() && find(name).kind === 'missing', () => {
        mkdirSync(folder(), { recursive: true });
        put(pathOf(name), constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, bytes);
      });
    },
    remove: (name) => change(passes(name), () => rmSync(pathOf(name))),
  };
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

/** Up to `limitBytes` of a file, never through a link. */
export function readStart(path: string, limitBytes: number): Uint8Array {
  const handle = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const bytes = Buffer.alloc(limitBytes);
    let have = 0;
    for (let got = 1; got > 0 && have < limitBytes; have += got) {
      got = readSync(handle, bytes, have, limitBytes - have, have);
    }
    return bytes.subarray(0, have);
  } finally {
    closeSync(handle);
  }
}

function put(path: string, flags: number, bytes: Uint8Array): void {
  const handle = openSync(path, flags | constants.O_NOFOLLOW, 0o644);
  try {
    writeSync(handle, bytes, 0, bytes.length, 0);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
