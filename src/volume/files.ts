import { constants } from 'node:fs';
import { type FileHandle, lstat, open, opendir, statfs, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf } from '../errno.ts';
import { SpacepackError } from '../protocol/errors.ts';
import type { MountedVolume } from '../protocol/sight.ts';
import { pour } from './durable-write.ts';
import { fill } from './fill.ts';
import { type Folder, foreign, placeOf, syncFolder } from './folder.ts';
import type { Entry, ReadBack, VolumePort, WriteOptions } from './port.ts';
import { type Digest, digestFile } from './read-back.ts';
import { readOnlyRemedy } from './remedies.ts';
import { brieflyInFolder, type Hands, inFolder, VERB_MS } from './verb.ts';
import { closeSoon, within } from './within.ts';

const NO_FOLLOW = constants.O_NOFOLLOW ?? 0;
// A FIFO would block an open for reading for ever.
const READ = constants.O_RDONLY | NO_FOLLOW | (constants.O_NONBLOCK ?? 0);
const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | NO_FOLLOW;

/** A folder of ours holds a handful of files; a card can be prepared to hold any number. */
const MOST_ENTRIES = 1024;

/** The verbs that deal with files: the same code for real volumes and for plain folders. */
export type FileVerbs = Pick<VolumePort, 'entries' | 'read' | 'write' | 'readBack' | 'remove' | 'freeBytes'>;

export function createFileVerbs(hands: Hands): FileVerbs {
  return {
    entries: (volume, folder) => entries(hands, volume, folder),
    read: (volume, path, limitBytes) => read(hands, volume, path, limitBytes),
    write: (volume, path, data, options) => write(hands, volume, path, data, options),
    readBack: (volume, path, onBytes) => readBack(hands, volume, path, onBytes),
    remove: (volume, path) => remove(hands, volume, path),
    freeBytes: (volume) => freeBytes(hands, volume),
  };
}

function entries(hands: Hands, volume: MountedVolume, path: string): Promise<readonly Entry[] | null> {
  const { folders, name } = placeOf(path);
  return brieflyInFolder(hands, volume, [...folders, name], `listing ${path}`, async (folder) => {
    if (folder === null) return null;
    const names: string[] = [];
    for await (const entry of await opendir(folder.path)) {
      if (names.length === MOST_ENTRIES) throw foreign(path, `at most ${MOST_ENTRIES} entries`);
      names.push(entry.name);
    }
    const described = await Promise.all(names.map((entry) => describe(folder, entry)));
    return described.filter((entry) => entry !== null);
  });
}

async function describe(folder: Folder, name: string): Promise<Entry | null> {
  const found = await unlessAbsent(lstat(join(folder.path, name)));
  if (found === null) return null;
  return { name, kind: found.isFile() ? 'file' : found.isDirectory() ? 'folder' : 'other', sizeBytes: found.size };
}

function read(hands: Hands, volume: MountedVolume, path: string, limitBytes: number): Promise<Uint8Array | null> {
  const { folders, name } = placeOf(path);
  return brieflyInFolder(hands, volume, folders, `reading ${path}`, async (folder) => {
    const handle = folder && (await unlessAbsent(openEntry(join(folder.path, name), READ)));
    if (handle === null) return null;
    try {
      const found = await handle.stat();
      if (!found.isFile()) throw foreign(path, 'a regular file');
      return await fill(handle, new Uint8Array(limitBytes), 0, found.size);
    } finally {
      await handle.close();
    }
  });
}

function write(
  hands: Hands,
  volume: MountedVolume,
  path: string,
  data: AsyncIterable<Uint8Array>,
  options: WriteOptions,
): Promise<number> {
  const { folders, name } = placeOf(path);
  const doing = `writing ${path}`;
  return inFolder(hands, volume, folders, doing, async (folder) => {
    if (volume.mount.readOnly || volume.drive.writeProtected) {
      const remedy = readOnlyRemedy(hands.system);
      throw new SpacepackError('volume-read-only', `${doing}: expected a volume that can be written`, { remedy });
    }
    if (folder === null) throw new SpacepackError('info-missing', `${doing}: expected the folder ${folders.join('/')}`);
    const soon = <T>(work: Promise<T>): Promise<T> => within(hands.clock, options.stallMs, doing, work);
    const handle = await soon(create(folder, name));
    let written: number;
    try {
      written = await pour(handle, data, options, hands.clock, doing);
    } catch (thrown) {
      await closeSoon(hands.clock, handle);
      throw thrown;
    }
    await soon(handle.close());
    // protocol §7.2: durable means the entry as well; an fsync of the file can leave it with size 0.
    await soon(syncFolder(folder));
    if (await soon(removeTwin(folder, name))) await soon(syncFolder(folder));
    return written;
  });
}

/** Exclusively and under the final name (protocol §2.5). */
async function create(folder: Folder, name: string): Promise<FileHandle> {
  const path = join(folder.path, name);
  const handle = await openEntry(path, CREATE);
  const { dev } = await handle.stat({ bigint: true });
  if (dev === (await folder.device())) return handle;
  // Where a folder cannot be held, the volume may have been unmounted below us: the new file is not on it then.
  await handle.close();
  await unlink(path);
  throw new SpacepackError(
    'volume-gone',
    `writing ${name}: expected the volume, found another file system in its place`,
  );
}

async function openEntry(path: string, flags: number): Promise<FileHandle> {
  try {
    return await open(path, flags, 0o644);
  } catch (thrown) {
    const errno = errnoOf(thrown);
    // ENXIO: a socket, or a FIFO without a reader.
    if (errno === 'ELOOP' || errno === 'EMLINK' || errno === 'ENXIO' || errno === 'EISDIR') {
      const found = await lstat(path).catch(() => null);
      if (found !== null && !found.isFile()) throw foreign(path, 'a regular file');
    }
    if (errno === 'EEXIST') throw foreign(path, 'no entry of this name');
    throw thrown;
  }
}

/**
 * Removes `._NAME`, which macOS makes beside a file to hold extended attributes. Tells whether there was one. That it cannot
 * be removed is no fault: the device ignores such names (protocol §2.2).
 */
async function removeTwin(folder: Folder, name: string): Promise<boolean> {
  return unlink(join(folder.path, `._${name}`)).then(
    () => true,
    () => false,
  );
}

async function readBack(
  hands: Hands,
  volume: MountedVolume,
  path: string,
  onBytes?: (bytes: number) => void,
): Promise<ReadBack> {
  const { folders, name } = placeOf(path);
  const doing = `reading back ${path}`;
  const fresh = await remounted(hands, volume);
  const current = fresh ?? volume;
  const digest = await inFolder(hands, current, folders, doing, async (folder): Promise<Digest> => {
    if (folder === null) throw new SpacepackError('readback-differs', `${doing}: expected a file, found none`);
    const file = join(folder.path, name);
    const found = await unlessAbsent(lstat(file));
    if (found === null) throw new SpacepackError('readback-differs', `${doing}: expected a file, found none`);
    if (!found.isFile()) throw foreign(path, 'a regular file');
    return digestFile(file, VERB_MS, hands.clock, onBytes);
  });
  return { ...digest, kind: fresh === null ? digest.kind : 'remounted', volume: current };
}

/** The volume on a new mount; `null` where remounting is not this system's way, or the volume could not be let go. */
async function remounted({ platform }: Hands, volume: MountedVolume): Promise<MountedVolume | null> {
  if (platform.remount === undefined) return null;
  try {
    return await platform.remount(volume);
  } catch (thrown) {
    // Still mounted as before: the cached read proves less, and its kind says so.
    if (await platform.holds(volume, null)) return null;
    throw thrown;
  }
}

function remove(hands: Hands, volume: MountedVolume, path: string): Promise<void> {
  const { folders, name } = placeOf(path);
  return brieflyInFolder(hands, volume, folders, `removing ${path}`, async (folder) => {
    if (folder === null) return;
    const entry = join(folder.path, name);
    const found = await unlessAbsent(lstat(entry));
    if (found !== null && !found.isFile()) throw foreign(path, 'a regular file');
    if (found !== null) await unlessAbsent(unlink(entry));
    const twin = await removeTwin(folder, name);
    if (found !== null || twin) await syncFolder(folder);
  });
}

async function freeBytes(hands: Hands, volume: MountedVolume): Promise<number> {
  if (hands.platform.freeBytes !== undefined) return hands.platform.freeBytes(volume);
  return brieflyInFolder(hands, volume, [], 'asking for the free space', async (folder) => {
    const { bavail, bsize } = await statfs(folder?.path ?? volume.mount.path);
    return bavail * bsize;
  });
}

async function unlessAbsent<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (thrown) {
    if (errnoOf(thrown) === 'ENOENT') return null;
    throw thrown;
  }
}
