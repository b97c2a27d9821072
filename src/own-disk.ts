/** Files of ours on the computer's own disk, where a rename is atomic, and right. Nothing here is for volumes of devices. */
import { randomBytes } from 'node:crypto';
import { type FileHandle, open, readFile, realpath, rename } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { errnoOf } from './errno.ts';
import { handOver, handOverFolder } from './owner.ts';

/** For its owner alone. */
const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;

// Loaded when it is needed: starting must stay quick.
const extra = (): Promise<typeof import('fs-extra/esm')> => import('fs-extra/esm');

/** Makes a folder and those above it, where they are missing, for this user only; gives its path. */
export async function makeOwnFolder(path: string): Promise<string> {
  const { ensureDir, pathExists } = await extra();
  const missing: string[] = [];
  for (let above = resolve(path); !(await pathExists(above)); above = dirname(above)) missing.unshift(above);
  await ensureDir(path, FOLDER_MODE);
  for (const made of missing) await handOverFolder(made);
  return path;
}

/** The bytes of a file; `null` if there is none. */
export async function readIfThere(path: string): Promise<Buffer | null> {
  try {
    return await readFile(path);
  } catch (thrown) {
    if (errnoOf(thrown) === 'ENOENT') return null;
    throw thrown;
  }
}

/** Removes a file or a folder with all that is in it, if it is there. */
export async function removeOwn(path: string): Promise<void> {
  const { remove } = await extra();
  await remove(path);
}

async function fill(handle: FileHandle, folder: string, content: string | Uint8Array): Promise<void> {
  try {
    await handOver(handle, folder);
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes the entries of a folder durable. Windows keeps a journal of them instead. */
export async function syncOwnFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Writes a file as a whole, durable: whoever reads it sees the old content or the new one, whatever happens meanwhile. Its folder
 * is made if it is missing. A link to the file, as people keep who share their settings between computers, stays one.
 */
export async function writeWhole(path: string, content: string | Uint8Array, mode: number = FILE_MODE): Promise<void> {
  await makeOwnFolder(dirname(path));
  const target = await realpath(path).catch(() => path);
  const temporary = `${target}.${process.pid}-${randomBytes(4).toString('hex')}`;
  try {
    await fill(await open(temporary, 'wx', mode), dirname(target), content);
    await rename(temporary, target);
  } catch (thrown) {
    await removeOwn(temporary);
    throw thrown;
  }
  await syncOwnFolder(dirname(target));
}
