import { constants } from 'node:fs';
import { type FileHandle, lstat, open, opendir, statfs, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf } from '../computer/errno.ts';
import { closeSoon } from '../computer/within.ts';
import { SpacepackError } from '../protocol/errors.ts';
import type { MountedVolume } from '../protocol/sight.ts';
import { pour } from './durable-write.ts';
import { fill } from './fill.ts';
import { type Folder, foreign, splitPath, syncFolder } from './folder.ts';
import { gateOf, MOUNT_MS } from './gates.ts';
import type { FilePart, FolderEntry, PartRead, ReadBack, VolumePort, WriteOptions } from './port.ts';
import { type Digest, digestFile, readPastCache } from './read-back.ts';
import { readOnlyRemedy } from './remedies.ts';
import { BRIEF, type Call, type Hands, inFolder } from './verb.ts';

const NO_FOLLOW = constants.O_NOFOLLOW ?? 0;
// Opening a FIFO for reading would block forever.
const READ = constants.O_RDONLY | NO_FOLLOW | (constants.O_NONBLOCK ?? 0);
const OVER = constants.O_WRONLY | NO_FOLLOW | (constants.O_NONBLOCK ?? 0);
const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | NO_FOLLOW;

/** Our folders hold a handful of files, but a malicious card could hold any number. */
const MOST_ENTRIES = 1024;

/** The verbs for files: the same code for real volumes and for plain folders. */
export type FileVerbs = Pick<
  VolumePort,
  'entries' | 'read' | 'write' | 'readBack' | 'readPart' | 'remove' | 'freeBytes'
>;

export function createFileVerbs(hands: Hands): FileVerbs {
  return {
    entries: (volume, folder) => entries(hands, volume, folder),
    read: (volume, path, limitBytes) => read(hands, volume, path, limitBytes),
    write: (volume, path, data, options) => write(hands, volume, path, data, options),
    readBack: (volume, path, onBytes) => readBack(hands, volume, path, onBytes),
    readPart: (volume, path, part) => readPart(hands, volume, path, part),
    remove: (volume, path) => remove(hands, volume, path),
    freeBytes: (volume) => freeBytes(hands, volume),
  };
}

function entries(hands: Hands, volume: MountedVolume, path: string): Promise<readonly FolderEntry[] | null> {
  const { folders, name } = path === '' ? { folders: [], name: null } : splitPath(path);
  const all = name === null ? folders : [...folders, name];
  return inFolder(hands, volume, all, `listing ${path || 'the root folder'}`, async (folder, call) => {
    if (folder === null) return null;
    const described: (FolderEntry | null)[] = [];
    // One after the other: each takes a thread, and there may be more entries than threads.
    for (const entry of await namesIn(hands, folder, path, call)) described.push(await describe(folder, entry, call));
    return described.filter((entry) => entry !== null);
  });
}

async function namesIn({ clock }: Hands, folder: Folder, path: string, call: Call): Promise<readonly string[]> {
  const listing = await call(
    () => opendir(folder.path),
    (late) => late.close(),
  );
  try {
    const names: string[] = [];
    for (let entry = await call(() => listing.read()); entry !== null; entry = await call(() => listing.read())) {
      if (names.length === MOST_ENTRIES) throw foreign(path, `at most ${MOST_ENTRIES} entries`);
      names.push(entry.name);
    }
    return names;
  } finally {
    await closeSoon(clock, listing);
  }
}

async function describe(folder: Folder, name: string, call: Call): Promise<FolderEntry | null> {
  const found = await unlessAbsent(call(() => lstat(join(folder.path, name))));
  if (found === null) return null;
  return { name, kind: found.isFile() ? 'file' : found.isDirectory() ? 'folder' : 'other', sizeBytes: found.size };
}

function read(hands: Hands, volume: MountedVolume, path: string, limitBytes: number): Promise<Uint8Array | null> {
  const { folders, name } = splitPath(path);
  return inFolder(hands, volume, folders, `reading ${path}`, async (folder, call) => {
    const handle = folder && (await unlessAbsent(openEntry(join(folder.path, name), READ, call)));
    if (handle === null) return null;
    try {
      const found = await call(() => handle.stat());
      if (!found.isFile()) throw foreign(path, 'a regular file');
      return await fill(handle, new Uint8Array(limitBytes), 0, found.size, call);
    } finally {
      await closeSoon(hands.clock, handle);
    }
  });
}

async function write(
  hands: Hands,
  volume: MountedVolume,
  path: string,
  data: AsyncIterable<Uint8Array>,
  options: WriteOptions,
): Promise<number> {
  const { folders, name } = splitPath(path);
  const doing = `writing ${path}`;
  let mayHaveMade = false;
  const work = async (folder: Folder | null, call: Call): Promise<number> => {
    if (volume.mount.readOnly || volume.drive.writeProtected) {
      const remedy = readOnlyRemedy(hands.system);
      throw new SpacepackError(
        'volume-read-only',
        `${doing}: expected a volume that can be written, found that it is read-only.`,
        { remedy },
      );
    }
    if (folder === null)
      throw new SpacepackError('info-missing', `${doing}: expected the folder ${folders.join('/')}, found none.`);
    const creating: Call = (make, late) =>
      call(() => {
        mayHaveMade = true;
        return make();
      }, late);
    const isOver = options.isOver ?? false;
    const handle = await openEntry(join(folder.path, name), isOver ? OVER : CREATE, creating).catch(
      (thrown: unknown) => {
        if (isKnownToHaveFailed(thrown)) mayHaveMade = false;
        throw thrown;
      },
    );
    let written: number;
    try {
      await requireOnVolume(folder, name, handle, call, isOver);
      written = await pour(handle, data, options, hands.clock, doing, call);
    } catch (thrown) {
      await closeSoon(hands.clock, handle);
      throw thrown;
    }
    await call(() => handle.close());
    // protocol §7.2: durable means the entry as well; an fsync of the file can leave it with size 0.
    await call(() => syncFolder(folder));
    if (await removeTwin(folder, name, call)) await call(() => syncFolder(folder));
    return written;
  };
  try {
    return await inFolder(hands, volume, folders, doing, work, {
      callMs: options.stallMs,
      totalMs: Number.POSITIVE_INFINITY,
    });
  } catch (thrown) {
    if (mayHaveMade || !(thrown instanceof SpacepackError)) throw thrown;
    const { code, message, remedy, cause } = thrown;
    throw new SpacepackError(code, message, { remedy, cause, noEffect: true });
  }
}

/** open() is known to have failed if the system says so or another entry has the name, but not if it did not answer. */
function isKnownToHaveFailed(thrown: unknown): boolean {
  return !(thrown instanceof SpacepackError && thrown.code === 'volume-stalled');
}

/** Where a folder cannot be held open, the volume may be unmounted under us, and then the new file is not on it. */
async function requireOnVolume(
  folder: Folder,
  name: string,
  handle: FileHandle,
  call: Call,
  isOver: boolean,
): Promise<void> {
  const found = await call(() => handle.stat({ bigint: true }));
  if (!found.isFile()) throw foreign(name, 'a regular file');
  if (found.dev === (await call(() => folder.device()))) return;
  if (!isOver) await call(() => unlink(join(folder.path, name)));
  throw new SpacepackError(
    'volume-gone',
    `writing ${name}: expected the volume, found another file system in its place.`,
  );
}

/**
 * A new file is created exclusively and under its final name (protocol §2.5). A handle that comes too late is closed,
 * with nothing written.
 */
async function openEntry(path: string, flags: number, call: Call): Promise<FileHandle> {
  try {
    return await call(
      () => open(path, flags, 0o644),
      (late) => late.close(),
    );
  } catch (thrown) {
    const errno = errnoOf(thrown);
    // ENXIO: a socket, or a FIFO without a reader.
    if (errno === 'ELOOP' || errno === 'EMLINK' || errno === 'ENXIO' || errno === 'EISDIR') {
      const found = await call(() => lstat(path)).catch(() => null);
      if (found !== null && !found.isFile()) throw foreign(path, 'a regular file');
    }
    if (errno === 'EEXIST') throw foreign(path, 'no entry of this name');
    throw thrown;
  }
}

/**
 * Removes `._NAME`, which macOS creates beside a file to hold extended attributes. Returns whether there was one.
 * Failing to remove it is not a fault: the device ignores such names (protocol §2.2).
 */
async function removeTwin(folder: Folder, name: string, call: Call): Promise<boolean> {
  try {
    await call(() => unlink(join(folder.path, `._${name}`)));
    return true;
  } catch (thrown) {
    if (errnoOf(thrown) === null) throw thrown;
    return false;
  }
}

async function readBack(
  hands: Hands,
  volume: MountedVolume,
  path: string,
  onBytes?: (bytes: number) => void,
): Promise<ReadBack> {
  const { folders, name } = splitPath(path);
  const doing = `reading back ${path}`;
  const fresh = await remounted(hands, volume);
  const current = fresh ?? volume;
  const work = async (folder: Folder | null, call: Call): Promise<Digest> => {
    if (folder === null) throw new SpacepackError('readback-differs', `${doing}: expected a file, found none`);
    const file = join(folder.path, name);
    const found = await unlessAbsent(call(() => lstat(file)));
    if (found === null) throw new SpacepackError('readback-differs', `${doing}: expected a file, found none`);
    if (!found.isFile()) throw foreign(path, 'a regular file');
    return digestFile(file, call, hands.clock, onBytes);
  };
  const limits = { ...BRIEF, totalMs: Number.POSITIVE_INFINITY };
  const digest = await inFolder(hands, current, folders, doing, work, limits);
  return { ...digest, kind: fresh === null ? digest.kind : 'remounted', volume: current };
}

async function readPart(hands: Hands, volume: MountedVolume, path: string, part: FilePart): Promise<PartRead> {
  const { folders, name } = splitPath(path);
  const fresh = await remounted(hands, volume);
  const current = fresh ?? volume;
  const work = async (folder: Folder | null, call: Call): Promise<Omit<PartRead, 'volume'>> => {
    const nothing = { kind: 'cached', bytes: null } as const;
    if (folder === null) return nothing;
    const file = join(folder.path, name);
    const found = await unlessAbsent(call(() => lstat(file)));
    if (found === null) return nothing;
    if (!found.isFile()) throw foreign(path, 'a regular file');
    return readPastCache(file, part, call, hands.clock);
  };
  const limits = { ...BRIEF, totalMs: Number.POSITIVE_INFINITY };
  const read = await inFolder(hands, current, folders, `reading ${path}`, work, limits);
  return { ...read, kind: fresh === null ? read.kind : 'remounted', volume: current };
}

/** The volume on a new mount; `null` if this system does not remount, or the volume could not be unmounted. */
async function remounted(hands: Hands, volume: MountedVolume): Promise<MountedVolume | null> {
  const { platform } = hands;
  if (platform.remount === undefined) return null;
  const gate = gateOf(hands, volume.drive);
  try {
    return await gate.pass('mounting it again', MOUNT_MS, async () => platform.remount?.(volume) ?? null);
  } catch (thrown) {
    // Still mounted as before: the cached read proves less, and its kind says so.
    const look = gate.pass('checking whether it is there', BRIEF.callMs, () => platform.holds(volume, null));
    if (await look.catch(() => false)) return null;
    throw thrown;
  }
}

function remove(hands: Hands, volume: MountedVolume, path: string): Promise<void> {
  const { folders, name } = splitPath(path);
  return inFolder(hands, volume, folders, `removing ${path}`, async (folder, call) => {
    if (folder === null) return;
    const entry = join(folder.path, name);
    const found = await unlessAbsent(call(() => lstat(entry)));
    if (found !== null && !found.isFile()) throw foreign(path, 'a regular file');
    if (found !== null) await unlessAbsent(call(() => unlink(entry)));
    const twin = await removeTwin(folder, name, call);
    if (found !== null || twin) await call(() => syncFolder(folder));
  });
}

async function freeBytes(hands: Hands, volume: MountedVolume): Promise<number> {
  const { platform } = hands;
  return inFolder(hands, volume, [], 'asking for the free space', async (folder, call) => {
    if (platform.freeBytes !== undefined) return call(async () => platform.freeBytes?.(volume) ?? 0);
    const { bavail, bsize } = await call(() => statfs(folder?.path ?? volume.mount.path));
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
