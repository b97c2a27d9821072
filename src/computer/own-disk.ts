/**
 * Our files on the computer's own disk, where a rename is atomic and the right tool. Nothing here is for device
 * volumes.
 */
import { randomBytes } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { access, type FileHandle, open, realpath, rename, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { SpacepackError } from '../protocol/errors.ts';
import { systemClock } from './clock.ts';
import { errnoOf } from './errno.ts';
import { createGate, type Gate } from './gate.ts';
import { handOver, handOverFolder, strangersAt } from './owner.ts';
import { closeSoon } from './within.ts';

/** For the owner only. */
const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;

/** Longest time for one piece of work, in ms: a home may be on a file server that is gone. */
const LIMIT_MS = 15_000;

const gates = new Map<string, Gate>();

/**
 * Does a piece of work in a folder on this computer's own disk. Rejects with `own-disk` if it has not returned after 15
 * s, and at once while earlier work in that folder has not; `late` gets a result that comes after that. Other errors
 * pass through unchanged.
 */
export function onOwnDisk<T>(folder: string, work: () => Promise<T>, late?: (result: T) => unknown): Promise<T> {
  const key = resolve(folder);
  const gate = gates.get(key) ?? createGate(systemClock, 'own-disk');
  gates.set(key, gate);
  return gate.pass(key, LIMIT_MS, work, late);
}

/** A call on a file, as `onOwnDisk`. */
const near = <T>(path: string, work: () => Promise<T>, late?: (result: T) => unknown): Promise<T> =>
  onOwnDisk(dirname(path), work, late);

// Loaded when needed, to keep startup fast.
const extra = (): Promise<typeof import('fs-extra/esm')> => import('fs-extra/esm');

/** Whether something with that name exists and this user can reach it. */
export function isThere(path: string): Promise<boolean> {
  return near(path, () => access(path)).then(
    () => true,
    () => false,
  );
}

/** Creates a folder and its missing parents, for this user only; returns its path. */
export async function makeOwnFolder(path: string): Promise<string> {
  const { ensureDir, pathExists } = await extra();
  await onOwnDisk(path, async () => {
    const missing: string[] = [];
    for (let above = resolve(path); !(await pathExists(above)); above = dirname(above)) missing.unshift(above);
    await ensureDir(path, FOLDER_MODE);
    for (const made of missing) await handOverFolder(made);
  });
  return path;
}

/** What the system says of files that cannot even be opened for writing. */
const IRREGULAR: Readonly<Record<string, readonly [found: string, code: string]>> = {
  // A socket, or a pipe opened for writing that has no reader.
  ENXIO: ['a pipe or a socket', 'EINVAL'],
  EISDIR: ['a folder', 'EISDIR'],
};

/**
 * Opens a file; if `flags` create it, it is for its owner only. Never waits: rejects with `EINVAL` for a pipe, a
 * socket, a terminal or a device in its place, with `EISDIR` for a folder, and otherwise with the system's error. The
 * caller closes the handle.
 */
export async function openRegular(path: string, flags: number = constants.O_RDONLY): Promise<FileHandle> {
  // Without this flag, opening a pipe for reading waits for a writer.
  const opening = (): Promise<FileHandle> =>
    open(path, flags | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0), FILE_MODE);
  const handle = await near(path, opening, (late) => late.close()).catch((thrown: unknown) => {
    const [found, code] = IRREGULAR[errnoOf(thrown) ?? ''] ?? [];
    throw found === undefined || code === undefined ? thrown : irregular(path, found, code);
  });
  try {
    const found = await near(path, () => handle.stat());
    if (found.isFile()) {
      if ((flags & constants.O_CREAT) !== 0) await near(path, () => handOver(handle, dirname(path)));
      return handle;
    }
    throw found.isDirectory() ? irregular(path, 'a folder', 'EISDIR') : irregular(path, kindOf(found), 'EINVAL');
  } catch (thrown) {
    // Not awaited: it may hang just as the call before did.
    handle.close().catch(() => undefined);
    throw thrown;
  }
}

function kindOf(found: Stats): string {
  if (found.isFIFO()) return 'a pipe';
  return found.isSocket() ? 'a socket' : 'a device';
}

function irregular(path: string, found: string, code: string): Error {
  return Object.assign(new Error(`${found}, which is not a regular file (${path})`), { code });
}

async function requireNoStrangers(path: string, found: Stats): Promise<void> {
  const strangers = await near(path, () => strangersAt(path, found));
  if (strangers === null) return;
  throw new SpacepackError('own-disk', `${path}: expected that only you can write to it, found ${strangers}.`, {
    remedy:
      'Find out who could have changed it, and either make it yours (chown, chmod go-w) or choose another folder with ' +
      'SPACEPACK_STATE_DIR.',
  });
}

/**
 * Requires that only this user can change a folder of ours, and so what is in it: what we once wrote there is believed.
 * Rejects with `own-disk`, and with the system's error.
 */
export async function requireOwnFolder(path: string): Promise<void> {
  await requireNoStrangers(path, await onOwnDisk(path, () => stat(path)));
}

/**
 * As `openRegular`, for a file that only this user can change, and never by way of a link. Also rejects with `own-disk`.
 */
export async function openOwn(path: string, flags: number = constants.O_RDONLY): Promise<FileHandle> {
  const handle = await openRegular(path, flags | (constants.O_NOFOLLOW ?? 0)).catch((thrown: unknown) => {
    // The system speaks of many links.
    throw errnoOf(thrown) === 'ELOOP' ? irregular(path, 'a symbolic link', 'ELOOP') : thrown;
  });
  try {
    await requireNoStrangers(path, await near(path, () => handle.stat()));
    return handle;
  } catch (thrown) {
    handle.close().catch(() => undefined);
    throw thrown;
  }
}

/** Closes a file on the computer's own disk, without waiting behind a call that hangs. Never rejects. */
export function closeOwn(handle: FileHandle): Promise<void> {
  return closeSoon(systemClock, handle);
}

/** The bytes of a regular file; rejects as `openRegular` does. */
export async function readRegular(path: string): Promise<Buffer> {
  return readAndClose(path, await openRegular(path));
}

function readAndClose(path: string, handle: FileHandle): Promise<Buffer> {
  return near(path, async () => {
    try {
      return await handle.readFile();
    } finally {
      await handle.close();
    }
  });
}

/** The text of a regular file, UTF-8; rejects as `openRegular` does. */
export async function readText(path: string): Promise<string> {
  return (await readRegular(path)).toString('utf8');
}

/** The bytes of a file; `null` if there is none. */
export function readIfThere(path: string): Promise<Buffer | null> {
  return readRegular(path).catch(nullIfMissing);
}

/** The same for a file of ours; rejects as `openOwn` does. */
export async function readOwnIfThere(path: string): Promise<Buffer | null> {
  const handle = await openOwn(path).catch(nullIfMissing);
  return handle && readAndClose(path, handle);
}

function nullIfMissing(thrown: unknown): null {
  if (errnoOf(thrown) === 'ENOENT') return null;
  throw thrown;
}

/** Removes a file, or a folder with everything in it, if it is there. */
export async function removeOwn(path: string): Promise<void> {
  const { remove } = await extra();
  await near(path, () => remove(path));
}

async function writeDurably(handle: FileHandle, folder: string, content: string | Uint8Array): Promise<void> {
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
  await onOwnDisk(path, async () => {
    const handle = await open(path, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  });
}

/**
 * Writes a whole file durably: readers see the old content or the new, whatever happens meanwhile. Its folder is
 * created if missing. A symbolic link in its place is replaced, never followed: somebody else may have put it there.
 */
export async function writeWhole(path: string, content: string | Uint8Array, mode: number = FILE_MODE): Promise<void> {
  await makeOwnFolder(dirname(path));
  const temporary = `${path}.${process.pid}-${randomBytes(4).toString('hex')}`;
  try {
    const handle = await near(
      path,
      () => open(temporary, 'wx', mode),
      (late) => late.close(),
    );
    await near(path, () => writeDurably(handle, dirname(path), content));
    await near(path, () => rename(temporary, path));
  } catch (thrown) {
    await removeOwn(temporary).catch(() => undefined);
    throw thrown;
  }
  await syncOwnFolder(dirname(path));
}

/** As `writeWhole`, but a symbolic link stays a link: some people link their settings into a shared folder. */
export async function writeThroughLink(path: string, content: string): Promise<void> {
  const target = await near(path, () => realpath(path)).catch((thrown: unknown) => {
    if (errnoOf(thrown) === null) throw thrown;
    return path;
  });
  await writeWhole(target, content);
}
