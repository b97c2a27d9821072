import { constants } from 'node:fs';
import { type FileHandle, lstat, open } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf } from '../computer/errno.ts';
import { SpacepackError } from '../protocol/errors.ts';
import { deviceNumber } from './device-number.ts';

const OPEN_FOLDER = constants.O_RDONLY | (constants.O_DIRECTORY ?? 0) | (constants.O_NOFOLLOW ?? 0);

/** A real folder, held open: what is opened below `path` is in this very folder, even if another takes its name. */
export interface Folder {
  readonly path: string;
  /** `null` where the system does not open folders (Windows). */
  readonly handle: FileHandle | null;
  /** The number of the file system that held it when it was opened: `st_dev`. */
  device(): Promise<bigint>;
  close(): Promise<void>;
}

/** A path below a volume, `FOLDER/FILE.BIN` for instance, as its folders and its last name. */
export interface Place {
  readonly folders: readonly string[];
  readonly name: string;
}

/** Splits a path of the port. Throws a TypeError if it could lead out of the volume: such a path is our own bug. */
export function splitPath(path: string): Place {
  const names = path.split('/');
  const name = names.pop();
  if (name === undefined || ![...names, name].every((each) => /^(?!\.{1,2}$)[^/\\:\0]+$/.test(each))) {
    throw new TypeError(`expected a path of plain names below the volume, found ${JSON.stringify(path)}`);
  }
  return { folders: names, name };
}

/**
 * Opens a volume's root folder. Rejects with the system's error.
 */
export async function openRoot(path: string): Promise<Folder> {
  if (process.platform === 'win32') {
    const dev = await deviceNumber(path);
    return { path, handle: null, device: async () => dev, close: async () => undefined };
  }
  return hold(path);
}

/**
 * Opens a folder below another; `null` if none has that name. Rejects with `volume-foreign` if a link or a file is in
 * its place.
 */
export async function openFolder(parent: Folder, name: string): Promise<Folder | null> {
  const path = join(parent.path, name);
  try {
    if (parent.handle !== null) return await hold(path);
    const found = await lstat(path);
    // Junctions are symbolic links to lstat too.
    if (!found.isDirectory()) throw foreign(path, 'a folder');
    const dev = await deviceNumber(path);
    return { path, handle: null, device: async () => dev, close: async () => undefined };
  } catch (thrown) {
    const errno = errnoOf(thrown);
    if (errno === 'ENOENT') return null;
    if (errno === 'ENOTDIR' || errno === 'ELOOP') throw foreign(path, 'a folder');
    throw thrown;
  }
}

/** A SpacepackError that says what was expected at a path, and that something else is there. */
export function foreign(path: string, expected: string): SpacepackError {
  return new SpacepackError('volume-foreign', `${lastNames(path)}: expected ${expected}, found something else.`);
}

/** Makes the entries of a folder durable. Windows cannot; there we rely on the file's own flush and the unmount. */
export async function syncFolder(folder: Folder): Promise<void> {
  await folder.handle?.sync();
}

async function hold(path: string): Promise<Folder> {
  const handle = await open(path, OPEN_FOLDER);
  return {
    // On Linux the name in /proc means the open folder itself: nobody can replace it.
    path: process.platform === 'linux' ? `/proc/self/fd/${handle.fd}` : path,
    handle,
    device: async () => (await handle.stat({ bigint: true })).dev,
    close: () => handle.close(),
  };
}

function lastNames(path: string): string {
  return path.replace(/^\/proc\/self\/fd\/\d+\//, '');
}
