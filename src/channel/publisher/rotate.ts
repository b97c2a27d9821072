import { rename } from 'node:fs/promises';
import type { Metadata, Root } from '@tufjs/models';
import { errnoOf } from '../../computer/errno.ts';
import { messageOf, SpacepackError } from '../../protocol/errors.ts';
import type { Publishing } from './init.ts';
import { type Edition, publish } from './publish.ts';
import { withPublishLock } from './publish-lock.ts';
import { loadRepository, nextSnapshot, nextTargets, nextTimestamp, type Repository } from './repository.ts';
import { createRoleKey, type KeyName, keyPath, loadRoleKey, ROOT_KEYS, type RoleKey, removeKeys } from './role-keys.ts';
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
async function rootSigners(publishing: Publishing, root: Metadata<Root>): Promise<readonly RoleKey[]> {
  const known = new Set(keysOf(root).root.map(({ keyID }) => keyID));
  const found: RoleKey[] = [];
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
 * the new root trust it, so no client is ever locked out. Then the root is published last.
 */
async function resign(
  publishing: Publishing,
  { targets, snapshot, timestamp }: Repository,
  fresh: RoleKey,
  old: RoleKey | null,
): Promise<Pick<Edition, 'targets' | 'snapshot' | 'timestamp' | 'newRoot'>> {
  const { keys, passphrases, now } = publishing;
  const signers = async (name: 'targets' | 'snapshot' | 'timestamp'): Promise<readonly RoleKey[]> => {
    if (name !== fresh.name) return [await loadRoleKey(keys, name, passphrases)];
    return old === null ? [fresh] : [old, fresh];
  };
  const isTargets = fresh.name === 'targets';
  const releases = Object.values(targets.signed.targets);
  const newTargets = isTargets
    ? nextTargets(targets.signed.version + 1, releases, await signers('targets'), now)
    : null;
  const version = snapshot.signed.version + 1;
  const newSnapshot = nextSnapshot(version, newTargets ?? targets, await signers('snapshot'), now);
  const newTimestamp = nextTimestamp(timestamp.signed.version + 1, newSnapshot, await signers('timestamp'), now);
  return {
    targets: newTargets,
    snapshot: newSnapshot,
    timestamp: newTimestamp,
    newRoot: old === null ? 'first' : 'last',
  };
}

async function publishRoot(publishing: Publishing, repository: Repository, keys: RoleKeys, fresh: RoleKey | null) {
  const { folder, now } = publishing;
  const signers = await rootSigners(publishing, repository.root);
  const isRoot = fresh !== null && roleOf(fresh.name) === 'root';
  const version = repository.root.signed.version + 1;
  const root = createRoot(version, keys, isRoot ? [...signers, fresh] : signers, now);
  requireFollows(repository.root, root);
  if (fresh === null || isRoot) {
    return publish(folder, { root, newRoot: 'first', targets: null, snapshot: null, timestamp: repository.timestamp });
  }
  const old = await loadIfThere(publishing, fresh.name);
  return publish(folder, { root, ...(await resign(publishing, repository, fresh, old)) });
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
 * non-root key also those of the roles below it. Rejects with `key-unusable`, `usage` or `channel-busy`.
 */
export async function rotateKey(publishing: Publishing, name: KeyName | null): Promise<Rotated> {
  const { folder, keys, passphrases } = publishing;
  return withPublishLock(folder, async () => {
    const repository = await loadRepository(folder);
    const rootVersion = repository.root.signed.version + 1;
    if (name === null) {
      await publishRoot(publishing, repository, keysOf(repository.root), null);
      return { rootVersion, key: null };
    }
    const path = keyPath(keys, name);
    const [next, retired] = [`${path}.next`, `${path}.until-root-${rootVersion}`];
    const hadOld = (await loadIfThere(publishing, name)) !== null;
    const fresh = await createRoleKey(next, name, passphrases);
    try {
      await publishRoot(publishing, repository, replaceKey(keysOf(repository.root), fresh), fresh);
    } catch (thrown) {
      // It was refused, so nothing was written. After any other failure, the new root may be published, and this is the
      // only copy of its key.
      if (thrown instanceof SpacepackError && thrown.code === 'key-unusable') await removeKeys([next]);
      throw thrown;
    }
    if (hadOld) await rename(path, retired);
    await rename(next, path);
    return { rootVersion, key: { path, retired: hadOld ? retired : null } };
  });
}
