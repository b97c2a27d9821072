import '../linear-models.ts';
import { Metadata, MetaFile, type Root, Snapshot, type TargetFile, Targets, Timestamp } from '@tufjs/models';
import { sha256Of } from './anchor.ts';
import { type Archive, archiveFields } from './archive.ts';
import { expiryOf } from './lifetime.ts';
import type { RoleKey } from './role-keys.ts';

/** The version of the TUF specification that this follows. */
export const SPEC = '1.0.31';

export type AnyMetadata = Metadata<Root> | Metadata<Targets> | Metadata<Snapshot> | Metadata<Timestamp>;

/** The bytes of metadata as they are published. */
export function bytesOf(metadata: AnyMetadata): Buffer {
  return Buffer.from(`${JSON.stringify(metadata.toJSON())}\n`);
}

/** Signs metadata with keys of its role, including keys that no root names yet or any more. */
export function signWith<T extends AnyMetadata>(metadata: T, keys: readonly RoleKey[]): T {
  for (const key of keys) metadata.sign((data) => key.sign(data));
  return metadata;
}

function metaOf(metadata: Metadata<Targets> | Metadata<Snapshot>): MetaFile {
  const bytes = bytesOf(metadata);
  return new MetaFile({
    version: metadata.signed.version,
    length: bytes.length,
    hashes: { sha256: sha256Of(bytes) },
  });
}

/** The next list of targets, signed. With an archive, it says which version of each bin belongs to it. */
export function nextTargets(
  version: number,
  targets: readonly TargetFile[],
  keys: readonly RoleKey[],
  now: Date,
  archive: Archive = new Map(),
): Metadata<Targets> {
  const list = new Targets({
    version,
    specVersion: SPEC,
    expires: expiryOf('targets', now),
    targets: Object.fromEntries(targets.map((target) => [target.path, target])),
  });
  // The newest of the keys signs the bins: an older one is about to be revoked.
  const newest = keys.at(-1);
  if (archive.size === 0 || newest === undefined) return signWith(new Metadata(list), keys);
  const all = { ...list.toJSON(), ...archiveFields(newest.key, archive) };
  return signWith(new Metadata(Targets.fromJSON(all)), keys);
}

/** The next snapshot: it names its list of targets by digest, and the bins of the archive by version. */
export function nextSnapshot(
  version: number,
  targets: Metadata<Targets>,
  keys: readonly RoleKey[],
  now: Date,
  archive: Archive = new Map(),
): Metadata<Snapshot> {
  const bins = [...archive].map(([name, { signed }]) => [`${name}.json`, new MetaFile({ version: signed.version })]);
  const meta = { 'targets.json': metaOf(targets), ...Object.fromEntries(bins) };
  const signed = new Snapshot({ version, specVersion: SPEC, expires: expiryOf('snapshot', now), meta });
  return signWith(new Metadata(signed), keys);
}

/** Whether a snapshot names exactly this list and this archive. */
export function isOf({ signed }: Metadata<Snapshot>, targets: Metadata<Targets>, archive: Archive): boolean {
  const bins = [...archive].every(([name, bin]) => signed.meta[`${name}.json`]?.version === bin.signed.version);
  return bins && signed.meta['targets.json']?.equals(metaOf(targets)) === true;
}

/** The next timestamp: it names the current snapshot by digest. */
export function nextTimestamp(
  version: number,
  snapshot: Metadata<Snapshot>,
  keys: readonly RoleKey[],
  now: Date,
): Metadata<Timestamp> {
  const snapshotMeta = metaOf(snapshot);
  const signed = new Timestamp({ version, specVersion: SPEC, expires: expiryOf('timestamp', now), snapshotMeta });
  return signWith(new Metadata(signed), keys);
}
