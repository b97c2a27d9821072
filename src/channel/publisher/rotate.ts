import { rename } from 'node:fs/promises';
import type { Metadata, Root } from '@tufjs/models';
import { errnoOf } from '../../computer/errno.ts';
import { isThere } from '../../computer/own-disk.ts';
import { messageOf, SpacepackError } from '../../protocol/errors.ts';
import { allReleasesOf, announce, nextList } from './edition.ts';
import type { Publishing } from './init.ts';
import { loadChannel, type Repository } from './load.ts';
import { type Edition, publish } from './publish.ts';
import { withPublishLock } from './publish-lock.ts';
import {
  createRoleKey,
  type KeyName,
  keyPath,
  loadRoleKey,
  loadRoleKeyAt,
  ROOT_KEYS,
  type RoleKey,
  removeKeys,
} from './role-keys.ts';
import { createRoot, keysOf, ROOT_THRESHOLD, type RoleKeys, replaceKey, roleOf } from './root.ts';

export interface Rotated {
  readonly rootVersion: number;
  /** Where the new key is, and where the old one was moved if it was there; `null`: only the root was signed again. */
  readonly key: { readonly path: string; readonly retired: string | null } | null;
}

/** A key, if available: the one to be replaced may be lost. A key that is there but cannot be opened is an error. */
async function loadIfThere({ keys, passphrases }: Publishing, name: KeyName): Promise<RoleKey | null> {
  try {
    return await loadRoleKey(keys, name, passphrases);
  } catch (thrown) {
    const cause = thrown instanceof SpacepackError ? thrown.cause : null;
    if (errnoOf(cause) === 'ENOENT') return null;
    throw thrown;
  }
}

/** The available root keys, enough for clients of the current root to trust. Rejects with `key-unusable`. */
async function rootSigners(
  publishing: Publishing,
  root: Metadata<Root>,
  fresh: RoleKey | null,
): Promise<readonly RoleKey[]> {
  const known = new Set(keysOf(root).root.map(({ keyID }) => keyID));
  // The root names it already if an earlier try was cut off.
  const found: RoleKey[] = fresh !== null && known.has(fresh.key.keyID) ? [fresh] : [];
  for (const name of ROOT_KEYS) {
    const key = await loadIfThere(publishing, name);
    if (key !== null && known.has(key.key.keyID)) found.push(key);
  }
  if (found.length >= ROOT_THRESHOLD) return found;
  const message = `Expected ${ROOT_THRESHOLD} of the channel's root keys in ${publishing.keys}, found ${found.length}.`;
  throw new SpacepackError('key-unusable', message, { remedy: 'Get another root key from where it is kept.' });
}

/**
 * The other roles' metadata for a root with a new key. If the old key is available, both sign: clients of the old and
 * the new root trust it, so no client is ever locked out. Then the root is published last. Where the online keys are in
 * another place, that place signs with the next `refresh`.
 */
async function resign(
  publishing: Publishing,
  repository: Repository,
  fresh: RoleKey,
  old: RoleKey | null,
): Promise<Omit<Edition, 'root'>> {
  const { keys, passphrases, now } = publishing;
  const signers = async (name: 'targets' | 'snapshot' | 'timestamp'): Promise<readonly RoleKey[]> => {
    if (name !== fresh.name) return [await loadRoleKey(keys, name, passphrases)];
    return old === null ? [fresh] : [old, fresh];
  };
  const listed =
    fresh.name === 'targets'
      ? nextList(repository, allReleasesOf(repository), await signers('targets'), { now, anew: true })
      : null;
  const targets = listed?.targets ?? null;
  const archive = listed?.fresh ?? new Map();
  if (await lacksOnlineKey(publishing, fresh)) {
    return { newRoot: 'first', targets, archive, snapshot: null, timestamp: null };
  }
  const told = await announce(repository, listed ?? repository, { now }, signers, true);
  return { newRoot: old === null ? 'first' : 'last', targets, archive, ...told };
}

/** Whether another place signs what tells clients, because an online key besides the fresh one is not here. */
async function lacksOnlineKey(publishing: Publishing, { name }: RoleKey): Promise<boolean> {
  const needed = (['snapshot', 'timestamp'] as const).filter((online) => online !== name);
  const found = await Promise.all(needed.map((online) => loadIfThere(publishing, online)));
  return found.includes(null);
}

async function publishRoot(publishing: Publishing, repository: Repository, keys: RoleKeys, fresh: RoleKey | null) {
  const { folder, now } = publishing;
  const { published } = repository;
  const signers = await rootSigners(publishing, repository.root, fresh);
  const isRoot = fresh !== null && roleOf(fresh.name) === 'root';
  const version = repository.root.signed.version + 1;
  const root = createRoot(version, keys, isRoot ? [...new Set([...signers, fresh])] : signers, now);
  requireFollows(repository.root, root);
  if (fresh === null || isRoot) {
    const rest = { targets: null, archive: new Map(), snapshot: null, timestamp: null };
    return publish(folder, publishing.keys, published, { root, newRoot: 'first', ...rest });
  }
  const old = await loadIfThere(publishing, fresh.name);
  return publish(folder, publishing.keys, published, { root, ...(await resign(publishing, repository, fresh, old)) });
}

/** Throws `key-unusable` unless clients that trust one root will accept the next. */
function requireFollows(present: Metadata<Root>, next: Metadata<Root>): void {
  try {
    present.verifyDelegate('root', next);
  } catch (thrown) {
    const message = `Expected a root that clients accept, found that ${messageOf(thrown)}.`;
    throw new SpacepackError('key-unusable', message, { cause: thrown });
  }
}

/**
 * Replaces a key, or with `null` only signs the root again, which extends it by a year. Needs two root keys, and for a
 * non-root key also those of the roles below it. Goes on with the new key of a try that was cut off. Rejects with
 * `key-unusable`, `usage` or `channel-busy`.
 */
export async function rotateKey(publishing: Publishing, name: KeyName | null): Promise<Rotated> {
  const { folder, keys, passphrases } = publishing;
  return withPublishLock(folder, async () => {
    // A rotation is what ends the harm of a stolen key.
    const repository = await loadChannel(folder, keys, 'left out');
    const rootVersion = repository.root.signed.version + 1;
    if (name === null) {
      await publishRoot(publishing, repository, keysOf(repository.root), null);
      return { rootVersion, key: null };
    }
    const path = keyPath(keys, name);
    const [next, retired] = [`${path}.next`, `${path}.until-root-${rootVersion}`];
    const hadOld = (await loadIfThere(publishing, name)) !== null;
    const isResumed = await isThere(next);
    const fresh = await (isResumed ? loadRoleKeyAt : createRoleKey)(next, name, passphrases);
    try {
      await publishRoot(publishing, repository, replaceKey(keysOf(repository.root), fresh), fresh);
    } catch (thrown) {
      // It was refused, so nothing was written. After any other failure, the new root may be published, and this is the
      // only copy of its key.
      const isRefused = thrown instanceof SpacepackError && thrown.code === 'key-unusable';
      if (isRefused && !isResumed) await removeKeys([next]);
      throw thrown;
    }
    if (hadOld) await rename(path, retired);
    await rename(next, path);
    return { rootVersion, key: { path, retired: hadOld ? retired : null } };
  });
}
