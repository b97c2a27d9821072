import { mkdtemp, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeOwnFolder, onOwnDisk, readIfThere, removeOwn, writeWhole } from '../computer/own-disk.ts';
import { strangersAt } from '../computer/owner.ts';
import { SpacepackError } from '../protocol/errors.ts';
import { parseJson, whole, withFields } from '../protocol/shapes.ts';

/** Metadata roles, in the order in which each vouches for the next. */
export const ROLES = ['root', 'timestamp', 'snapshot', 'targets'] as const;
export type RoleName = (typeof ROLES)[number];

/**
 * Creates a folder for this user only. Rejects with `channel-untrusted` if it exists and others can write to it: then
 * they control its content.
 */
export async function openOwnFolder(path: string): Promise<void> {
  await makeOwnFolder(path);
  const found = await onOwnDisk(path, async () => strangersAt(path, await stat(path)));
  if (found === null) return;
  throw new SpacepackError('channel-untrusted', `${path}: expected that only you can write to it, found ${found}.`, {
    remedy: 'Find out who changed it, remove it, and install the channel again.',
  });
}

const isVersioned = withFields({ signed: withFields({ version: whole(0) }) });

/**
 * The version that a metadata file claims; 0 if it cannot be understood. Only for files that were verified when
 * written.
 */
function versionOf(bytes: Buffer | null): number {
  return parseJson(bytes?.toString('utf8') ?? '', isVersioned)?.signed.version ?? 0;
}

/** Trusted metadata copied into a temporary folder. */
export interface StateCopy {
  readonly path: string;
  /** The timestamp when it was copied; `null`: there was none. */
  readonly timestamp: Buffer | null;
}

const pathOf = (folder: string, role: RoleName): string => join(folder, `${role}.json`);

/**
 * Works on a copy of the trusted metadata in a temporary folder that only this user can enter, so that a check that
 * breaks off never leaves half old and half new trusted metadata.
 */
export async function withCopy<T>(folder: string, work: (copy: StateCopy) => Promise<T>): Promise<T> {
  const path = await onOwnDisk(tmpdir(), () => mkdtemp(join(tmpdir(), 'spacepack-channel-')));
  try {
    const timestamp = await readIfThere(pathOf(folder, 'timestamp'));
    for (const role of ROLES) {
      const bytes = role === 'timestamp' ? timestamp : await readIfThere(pathOf(folder, role));
      if (bytes !== null) await onOwnDisk(path, () => writeFile(pathOf(path, role), bytes, { mode: 0o600 }));
    }
    return await work({ path, timestamp });
  } finally {
    await removeOwn(path);
  }
}

async function take(folder: string, copy: StateCopy, role: RoleName): Promise<void> {
  const [fresh, present] = [await readIfThere(pathOf(copy.path, role)), await readIfThere(pathOf(folder, role))];
  if (fresh !== null && !(present !== null && fresh.equals(present))) await writeWhole(pathOf(folder, role), fresh);
}

/**
 * Adopts a newer root that was verified in a copy, even if the rest of the check failed: it may revoke a stolen key.
 */
export async function adoptRoot(folder: string, copy: StateCopy): Promise<void> {
  const fresh = versionOf(await readIfThere(pathOf(copy.path, 'root')));
  if (fresh > versionOf(await readIfThere(pathOf(folder, 'root')))) await take(folder, copy, 'root');
}

/**
 * Adopts all metadata that was verified in a copy. If another process has done so since the copy was made, its state
 * stays: it was verified too, and may be newer. Versions alone cannot decide, because they may go back when a key is
 * replaced.
 */
export async function adoptAll(folder: string, copy: StateCopy): Promise<void> {
  await adoptRoot(folder, copy);
  const present = await readIfThere(pathOf(folder, 'timestamp'));
  const isOurs = present === null ? copy.timestamp === null : copy.timestamp?.equals(present) === true;
  if (!isOurs) return;
  // The timestamp last: it vouches for the others.
  for (const role of ['targets', 'snapshot', 'timestamp'] as const) await take(folder, copy, role);
}
