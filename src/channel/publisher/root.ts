import { Metadata, MetadataKind, type Root } from '@tufjs/models';
import { expiryOf } from './lifetime.ts';
import { SPEC, signWith } from './repository.ts';
import { KEY_NAMES, type RoleKey } from './role-keys.ts';

/** How many of the root's keys must sign it. */
export const ROOT_THRESHOLD = 2;

type RoleName = 'root' | 'targets' | 'snapshot' | 'timestamp';
export type RoleKeys = Readonly<Record<RoleName, readonly RoleKey['key'][]>>;

export const roleOf = (name: RoleKey['name']): RoleName =>
  name === 'targets' || name === 'snapshot' || name === 'timestamp' ? name : 'root';

/** The keys that a root names for each role, in its order. */
export function keysOf({ signed }: Metadata<Root>): RoleKeys {
  const of = (role: RoleName): readonly RoleKey['key'][] =>
    (signed.roles[role]?.keyIDs ?? []).flatMap((id) => signed.keys[id] ?? []);
  return { root: of('root'), targets: of('targets'), snapshot: of('snapshot'), timestamp: of('timestamp') };
}

/** A root that names these keys, signed. */
export function createRoot(version: number, keys: RoleKeys, signers: readonly RoleKey[], now: Date): Metadata<Root> {
  const all = Object.values(keys).flat();
  const role = (name: RoleName, threshold: number) => ({ keyids: keys[name].map(({ keyID }) => keyID), threshold });
  const root = Metadata.fromJSON(MetadataKind.Root, {
    signatures: [],
    signed: {
      _type: 'root',
      spec_version: SPEC,
      version,
      expires: expiryOf('root', now),
      consistent_snapshot: true,
      keys: Object.fromEntries(all.map((key) => [key.keyID, key.toJSON()])),
      roles: {
        root: role('root', ROOT_THRESHOLD),
        targets: role('targets', 1),
        snapshot: role('snapshot', 1),
        timestamp: role('timestamp', 1),
      },
    },
  });
  return signWith(root, signers);
}

/** The keys of a root, with the key of that name replaced. A root key keeps its position. */
export function replaceKey(keys: RoleKeys, { name, key }: RoleKey): RoleKeys {
  const role = roleOf(name);
  const place = role === 'root' ? KEY_NAMES.indexOf(name) : 0;
  return { ...keys, [role]: keys[role].with(place, key) };
}
