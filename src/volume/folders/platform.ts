import type { BigIntStats } from 'node:fs';
import { type FileHandle, lstat, mkdir, readdir, rename, statfs } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { errnoOf } from '../../computer/errno.ts';
import { SpacepackError } from '../../protocol/errors.ts';
import type { Drive, MountedVolume, Volume } from '../../protocol/sight.ts';
import { createGenerations, type Generations } from '../generations.ts';
import type { Platform } from '../platform.ts';
import { nullIfVanished } from '../vanished.ts';
import { type DriveNote, readDriveNote } from './drive.ts';

const DRIVES = '.drives';
const UNMOUNTED = '.unmounted';

/** A folder that stands for a volume, and what its note says about the drive. */
interface Found {
  readonly name: string;
  readonly mounted: boolean;
  readonly folder: BigIntStats;
  readonly note: DriveNote | null;
}

/**
 * Volumes that are plain folders, for tests and demonstrations. `root/NAME` is a mounted volume, `root/.unmounted/NAME`
 * one that is there but not mounted, and `root/.drives/NAME.json` describes its drive. Without that file, the drive is
 * unknown (usb `null`) and has an MBR and FAT32. Files go through the same code as on real volumes.
 */
export function directoryPlatform(folder: string): Platform {
  const root = resolve(folder);
  const generations = createGenerations();
  const readOnly = new Set<string>();
  return {
    list: () => list(root, generations, readOnly),
    holds: (volume, handle) => holds(root, generations, volume, handle),
    async mount(_drive, volume, options) {
      if (options.readOnly) readOnly.add(volume.id);
      else readOnly.delete(volume.id);
      await rename(join(root, UNMOUNTED, volume.id), join(root, volume.id)).catch((thrown: unknown) => {
        throw new SpacepackError('volume-not-mounted', `mounting ${volume.id}: found ${errnoOf(thrown)}.`, {
          cause: thrown,
          remedy: `Move the folder: mv ${join(root, UNMOUNTED, volume.id)} ${root}`,
        });
      });
    },
    release: (volume) => release(root, generations, volume),
    freeBytes: (volume) => freeBytes(root, volume),
    look: () => look(root),
    watched: () => ({ mountParents: [root, join(root, UNMOUNTED), join(root, DRIVES)], notes: [] }),
  };
}

async function list(root: string, generations: Generations, readOnly: ReadonlySet<string>): Promise<readonly Drive[]> {
  const mounted = await namesIn(root);
  if (mounted === null) {
    throw new SpacepackError('listing-failed', `Expected a folder of volumes at ${root}, found none.`, {
      remedy: 'Give an existing folder to --root.',
    });
  }
  const unmounted = (await namesIn(join(root, UNMOUNTED))) ?? [];
  const found = await Promise.all([
    ...mounted.map((name) => find(root, name, true)),
    ...unmounted.map((name) => find(root, name, false)),
  ]);
  return found.filter((each) => each !== null).map((each) => describe(root, each, generations, readOnly));
}

async function find(root: string, name: string, mounted: boolean): Promise<Found | null> {
  const folder = await lstatOf(mounted ? join(root, name) : join(root, UNMOUNTED, name));
  if (folder === null || !folder.isDirectory()) return null;
  return { name, mounted, folder, note: await readDriveNote(notePath(root, name)) };
}

function describe(
  root: string,
  { name, mounted, folder, note }: Found,
  generations: Generations,
  readOnlyMounts: ReadonlySet<string>,
): Drive {
  const attachment = note?.attachment ?? identityOf(folder);
  const path = join(root, name);
  const writeProtected = note?.writeProtected ?? false;
  if (!mounted) generations.ended(name);
  const mount = mounted
    ? {
        path,
        id: generations.seen(name, systemIdOf(folder, attachment)),
        readOnly: writeProtected || readOnlyMounts.has(name),
      }
    : null;
  const sizeBytes = note?.sizeBytes ?? NO_NOTE_BYTES;
  const volume: Volume = {
    id: name,
    label: note?.label ?? name,
    fileSystem: note === null ? 'fat32' : note.fileSystem,
    sizeBytes,
    mount,
  };
  return {
    id: path,
    attachment,
    usb: note?.usb ?? null,
    vendor: note?.vendor ?? null,
    product: note?.product ?? null,
    mediaName: note?.mediaName ?? name,
    sizeBytes,
    writeProtected,
    scheme: note?.scheme ?? 'mbr',
    volumes: sizeBytes === 0 ? [] : [volume],
  };
}

/** The size of folders without a note; the file system below is asked for free space. */
const NO_NOTE_BYTES = 32 * 1024 ** 3;

async function holds(
  root: string,
  generations: Generations,
  { drive, volume, mount }: MountedVolume,
  handle: FileHandle | null,
): Promise<boolean> {
  const folder = handle === null ? await lstatOf(mount.path) : await handle.stat({ bigint: true });
  // A folder that is held open stays the same when it is moved away, so its place counts too.
  const placed = await lstatOf(mount.path);
  if (folder === null || placed?.ino !== folder.ino) return false;
  const attachment = (await readDriveNote(notePath(root, volume.id)))?.attachment ?? identityOf(folder);
  return attachment === drive.attachment && generations.isCurrent(volume.id, systemIdOf(folder, attachment), mount.id);
}

async function release(root: string, generations: Generations, volume: MountedVolume): Promise<readonly string[]> {
  const { id } = volume.volume;
  if (!(await holds(root, generations, volume, null))) {
    throw new SpacepackError(
      'volume-gone',
      `releasing ${id}: expected it mounted as before, found another mount or none.`,
    );
  }
  try {
    await mkdir(join(root, UNMOUNTED), { recursive: true });
    await rename(join(root, id), join(root, UNMOUNTED, id));
    generations.ended(id);
    return [volume.mount.path];
  } catch (thrown) {
    if ((await lstatOf(join(root, id)).catch(() => undefined)) === null) return [];
    throw new SpacepackError('volume-permission', `releasing ${id}: found ${errnoOf(thrown)}.`, { cause: thrown });
  }
}

async function freeBytes(root: string, { volume, mount }: MountedVolume): Promise<number> {
  const note = await readDriveNote(notePath(root, volume.id));
  if (note !== null) return note.freeBytes;
  const { bavail, bsize } = await statfs(mount.path);
  return bavail * bsize;
}

async function look(root: string): Promise<string> {
  return (await Promise.all([root, join(root, UNMOUNTED), join(root, DRIVES)].map(lookInto))).join('\n');
}

async function lookInto(folder: string): Promise<string> {
  const names = await readdir(folder).catch(() => []);
  const lines = names.sort().map(async (name) => {
    const found = await lstat(join(folder, name)).catch(() => null);
    // The times of a volume's folder change with every file written to it; those of a note mean something.
    return found?.isFile() ? `${name} ${found.ino} ${found.mtimeMs}` : `${name} ${found?.ino}`;
  });
  return (await Promise.all(lines)).join('\n');
}

async function namesIn(folder: string): Promise<readonly string[] | null> {
  const names = await readdir(folder).catch(nullIfVanished);
  return names?.filter((name) => !name.startsWith('.')).sort() ?? null;
}

async function lstatOf(path: string): Promise<BigIntStats | null> {
  return lstat(path, { bigint: true }).catch(nullIfVanished);
}

function notePath(root: string, name: string): string {
  return join(root, DRIVES, `${name}.json`);
}

function identityOf(folder: BigIntStats): string {
  return `${folder.ino}-${folder.birthtimeNs}`;
}

function systemIdOf(folder: BigIntStats, attachment: string): string {
  return `${identityOf(folder)}@${attachment}`;
}
