import { mkdtemp, readdir, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errnoOf } from '../computer/errno.ts';
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
  /** The timestamp of the last whole check when it was copied; `null`: there was none. */
  readonly timestamp: Buffer | null;
  /** A check that was cut off has verified a newer timestamp or snapshot, which is in this copy instead. */
  readonly isAhead: boolean;
}

const pathOf = (folder: string, role: RoleName): string => join(folder, `${role}.json`);

/** Holds what a check verified before it was cut off. The folder above it is always one whole edition. */
const AHEAD = 'ahead';
const AHEAD_ROLES: readonly RoleName[] = ['timestamp', 'snapshot'];

/** Lists of delegated roles; apart, because they are named by the channel. */
const DELEGATED = 'delegated';

async function namesIn(folder: string): Promise<readonly string[]> {
  const names = await onOwnDisk(folder, () => readdir(folder)).catch((thrown: unknown) => {
    if (errnoOf(thrown) === 'ENOENT') return [];
    throw thrown;
  });
  return names.filter((name) => name.endsWith('.json'));
}

/** The lists of delegated roles among the files of a copy. */
async function delegatedIn(copy: string): Promise<readonly string[]> {
  const own = ROLES.map((role) => `${role}.json`);
  return (await namesIn(copy)).filter((name) => !own.includes(name));
}

/** Takes the lists of delegated roles of a copy. */
async function takeDelegated(folder: string, copy: string): Promise<void> {
  const [lists, kept] = [await delegatedIn(copy), join(folder, DELEGATED)];
  for (const name of lists) {
    const [fresh, present] = [await readIfThere(join(copy, name)), await readIfThere(join(kept, name))];
    if (fresh !== null && present?.equals(fresh) !== true) await writeWhole(join(kept, name), fresh);
  }
}

/** Forgets all that was trusted and remembered. */
export async function forgetState(folder: string): Promise<void> {
  for (const name of [AHEAD, DELEGATED, ...ROLES.map((role) => `${role}.json`), 'memory.json'])
    await removeOwn(join(folder, name));
}

/** The newest verified version of a role: what is older is refused, whatever became of the check that verified it. */
async function newestOf(
  folder: string,
  role: RoleName,
  whole: Buffer | null,
): Promise<{ bytes: Buffer | null; isAhead: boolean }> {
  const ahead = AHEAD_ROLES.includes(role) ? await readIfThere(pathOf(join(folder, AHEAD), role)) : null;
  const isAhead = ahead !== null && versionOf(ahead) > versionOf(whole);
  return { bytes: isAhead ? ahead : whole, isAhead };
}

/**
 * Works on a copy of the trusted metadata in a temporary folder that only this user can enter, so that a check that
 * breaks off never leaves half old and half new trusted metadata. `edition`: `whole` for what can be relied on,
 * `newest` for what a new check must not fall behind.
 */
export async function withCopy<T>(
  folder: string,
  edition: 'whole' | 'newest',
  work: (copy: StateCopy) => Promise<T>,
): Promise<T> {
  const path = await onOwnDisk(tmpdir(), () => mkdtemp(join(tmpdir(), 'spacepack-channel-')));
  try {
    const timestamp = await readIfThere(pathOf(folder, 'timestamp'));
    let isCopyAhead = false;
    for (const role of ROLES) {
      const whole = role === 'timestamp' ? timestamp : await readIfThere(pathOf(folder, role));
      const { bytes, isAhead } =
        edition === 'whole' ? { bytes: whole, isAhead: false } : await newestOf(folder, role, whole);
      isCopyAhead ||= isAhead;
      if (bytes !== null) await onOwnDisk(path, () => writeFile(pathOf(path, role), bytes, { mode: 0o600 }));
    }
    for (const name of await namesIn(join(folder, DELEGATED))) {
      const bytes = await readIfThere(join(folder, DELEGATED, name));
      if (bytes !== null) await onOwnDisk(path, () => writeFile(join(path, name), bytes, { mode: 0o600 }));
    }
    return await work({ path, timestamp, isAhead: isCopyAhead });
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
async function adoptRoot(folder: string, copy: StateCopy): Promise<void> {
  const fresh = versionOf(await readIfThere(pathOf(copy.path, 'root')));
  if (fresh > versionOf(await readIfThere(pathOf(folder, 'root')))) await take(folder, copy, 'root');
}

/**
 * Keeps what a check that was cut off has verified: a newer root, and beside the last whole edition a newer timestamp
 * and snapshot, so that older ones are refused from now on (TUF 5.3.8, 5.4.6, 5.5.7).
 */
export async function adoptPart(folder: string, copy: StateCopy): Promise<void> {
  await adoptRoot(folder, copy);
  for (const role of AHEAD_ROLES) {
    const fresh = await readIfThere(pathOf(copy.path, role));
    const { bytes: newest } = await newestOf(folder, role, await readIfThere(pathOf(folder, role)));
    if (versionOf(fresh) > versionOf(newest)) await take(join(folder, AHEAD), copy, role);
  }
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
  await takeDelegated(folder, copy.path);
  // The timestamp last: it vouches for the others.
  for (const role of ['targets', 'snapshot', 'timestamp'] as const) await take(folder, copy, role);
  await removeOwn(join(folder, AHEAD));
}
