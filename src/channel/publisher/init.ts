import { isThere, readIfThere } from '../../computer/own-disk.ts';
import { SpacepackError } from '../../protocol/errors.ts';
import type { Family } from '../../protocol/family.ts';
import { saveTrustRoot, trustRootPath } from './anchor.ts';
import { makeFolders, publish } from './publish.ts';
import { bytesOf, nextSnapshot, nextTargets, nextTimestamp } from './repository.ts';
import { createRoleKey, KEY_NAMES, keyPath, type Passphrases, type RoleKey, removeKeys } from './role-keys.ts';
import { createRoot } from './root.ts';
import { metadataPath, requireSite } from './site.ts';

/** Where a channel is, and the passphrases of its keys. */
export interface Publishing {
  /** The families whose images can be published. */
  readonly families: readonly Family[];
  /** The folder that is served. */
  readonly folder: string;
  readonly keys: string;
  readonly passphrases: Passphrases;
  readonly now: Date;
}

export interface Started {
  /** The trust root to ship with the product. */
  readonly rootPath: string;
  readonly keyPaths: readonly string[];
}

async function createAll({ keys, passphrases }: Publishing): Promise<ReadonlyMap<string, RoleKey>> {
  const made = new Map<string, RoleKey>();
  try {
    for (const name of KEY_NAMES) made.set(name, await createRoleKey(keyPath(keys, name), name, passphrases));
    return made;
  } catch (thrown) {
    // An incomplete set of keys is useless and would block the next try.
    await removeKeys(KEY_NAMES.filter((name) => made.has(name)).map((name) => keyPath(keys, name)));
    throw thrown;
  }
}

/**
 * Creates an empty channel with new keys. Nothing is overwritten: rejects with `usage` or `key-unusable` if a channel
 * or a key already exists.
 */
export async function initChannel(publishing: Publishing): Promise<Started> {
  const { folder, keys, now } = publishing;
  if ((await readIfThere(metadataPath(folder, '1.root.json'))) !== null) {
    throw new SpacepackError('usage', `${folder}: expected no channel, found one.`, {
      remedy: 'Choose another folder; spacepack never overwrites a channel.',
    });
  }
  if (await isThere(trustRootPath(keys))) {
    throw new SpacepackError('usage', `${keys}: expected no keys of a channel, found some.`, {
      remedy: 'Choose another folder for the keys; spacepack never overwrites a key.',
    });
  }
  await makeFolders(folder);
  await requireSite(folder);
  const made = await createAll(publishing);
  const of = (...names: readonly string[]): readonly RoleKey[] => names.flatMap((name) => made.get(name) ?? []);
  const publicOf = (...names: readonly string[]) => of(...names).map(({ key }) => key);
  const roleKeys = {
    root: publicOf('root-1', 'root-2', 'root-3'),
    targets: publicOf('targets'),
    snapshot: publicOf('snapshot'),
    timestamp: publicOf('timestamp'),
  };
  const targets = nextTargets(1, [], of('targets'), now);
  const snapshot = nextSnapshot(1, targets, of('snapshot'), now);
  const root = createRoot(1, roleKeys, of('root-1', 'root-2', 'root-3'), now);
  const timestamp = nextTimestamp(1, snapshot, of('timestamp'), now);
  await saveTrustRoot(keys, bytesOf(root));
  await publish(folder, keys, {}, { root, newRoot: 'first', targets, archive: new Map(), snapshot, timestamp });
  return { rootPath: trustRootPath(keys), keyPaths: KEY_NAMES.map((name) => keyPath(keys, name)) };
}
