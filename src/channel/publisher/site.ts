import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { TargetFile } from '@tufjs/models';
import { errnoOf } from '../../computer/errno.ts';
import { closeOwn, onOwnDisk, openRegular } from '../../computer/own-disk.ts';
import { messageOf, SpacepackError } from '../../protocol/errors.ts';
import { METADATA_MOST_BYTES } from '../metadata-limits.ts';

export const FOLDERS = ['metadata', 'targets'] as const;

export const metadataPath = (folder: string, name: string): string => join(folder, 'metadata', name);

/** The file of a target. The digest in its name separates it from files that were served before. */
export const targetPath = (folder: string, { path, hashes }: Pick<TargetFile, 'path' | 'hashes'>): string =>
  join(folder, 'targets', `${hashes['sha256']}.${path}`);

/** What is wrong with a channel's folder: nobody but its publishers should change it. */
export function changed(where: string, expected: string, found: string, cause?: unknown): SpacepackError {
  return new SpacepackError('channel-changed', `${where}: expected ${expected}, found ${found}.`, { cause });
}

/**
 * The bytes of a metadata file, not judged yet; `null`: there is none. Rejects with `channel-changed` if it is too long.
 */
export async function readSiteFile(path: string, kind: keyof typeof METADATA_MOST_BYTES): Promise<Buffer | null> {
  try {
    const handle = await openRegular(path);
    try {
      return await onOwnDisk(join(path, '..'), async () => {
        const { size } = await handle.stat();
        if (size > METADATA_MOST_BYTES[kind])
          throw changed(path, `at most ${METADATA_MOST_BYTES[kind]} bytes`, `${size}`);
        return handle.readFile();
      });
    } finally {
      await closeOwn(handle);
    }
  } catch (thrown) {
    if (errnoOf(thrown) === 'ENOENT') return null;
    if (thrown instanceof SpacepackError) throw thrown;
    throw changed(path, 'a file of the channel', messageOf(thrown), thrown);
  }
}

/**
 * Rejects unless a folder holds a channel: with `usage` if there is none, and with `channel-changed` if a part of it is
 * a link, which would lead what is written there to another place.
 */
export async function requireSite(folder: string): Promise<void> {
  for (const name of FOLDERS) {
    const path = join(folder, name);
    const found = await onOwnDisk(folder, () => lstat(path)).catch((thrown: unknown) => {
      if (errnoOf(thrown) === null) throw thrown;
      const message = `${folder}: expected a spacepack channel, found ${messageOf(thrown)}.`;
      throw new SpacepackError('usage', message, { cause: thrown, remedy: 'Make one with `spacepack channel init`.' });
    });
    if (!found.isDirectory()) throw changed(path, 'a folder', found.isSymbolicLink() ? 'a link' : 'something else');
  }
}

/** The highest version among the lists of releases in a folder; 0: there is none. */
export async function newestListVersion(folder: string): Promise<number> {
  const names = await onOwnDisk(folder, () => readdir(join(folder, 'metadata')));
  return Math.max(0, ...names.map((name) => Number(/^([1-9]\d{0,14})\.targets\.json$/.exec(name)?.[1] ?? 0)));
}
