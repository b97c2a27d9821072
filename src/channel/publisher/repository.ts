import { createHash } from 'node:crypto';
import { join } from 'node:path';
import {
  Metadata,
  MetadataKind,
  MetaFile,
  type Root,
  Snapshot,
  type TargetFile,
  Targets,
  Timestamp,
} from '@tufjs/models';
import { readIfThere } from '../../computer/own-disk.ts';
import { messageOf, SpacepackError } from '../../protocol/errors.ts';
import { expiryOf } from './lifetime.ts';
import type { RoleKey } from './role-keys.ts';

/** What a channel says now. */
export interface Repository {
  readonly root: Metadata<Root>;
  readonly targets: Metadata<Targets>;
  readonly snapshot: Metadata<Snapshot>;
  readonly timestamp: Metadata<Timestamp>;
}

/** The version of the TUF specification that this follows. */
export const SPEC = '1.0.31';

type Signable = Metadata<Root> | Metadata<Targets> | Metadata<Snapshot> | Metadata<Timestamp>;

export const metadataPath = (folder: string, name: string): string => join(folder, 'metadata', name);

/** The file of a target. The digest in its name separates it from files that were served before. */
export const targetPath = (folder: string, { path, hashes }: TargetFile): string =>
  join(folder, 'targets', `${hashes['sha256']}.${path}`);

/** The bytes of metadata as they are published. */
export function bytesOf(metadata: Signable): Buffer {
  return Buffer.from(`${JSON.stringify(metadata.toJSON())}\n`);
}

async function readJson(folder: string, name: string) {
  const bytes = await readIfThere(metadataPath(folder, name));
  if (bytes === null) throw new TypeError(`no ${name}`);
  return JSON.parse(bytes.toString('utf8'));
}

async function newestRoot(folder: string): Promise<Metadata<Root>> {
  let newest = Metadata.fromJSON(MetadataKind.Root, await readJson(folder, '1.root.json'));
  for (let version = 2; ; version += 1) {
    if ((await readIfThere(metadataPath(folder, `${version}.root.json`))) === null) return newest;
    newest = Metadata.fromJSON(MetadataKind.Root, await readJson(folder, `${version}.root.json`));
  }
}

/** Reads a channel from its folder. Rejects with `usage` if there is none. */
export async function loadRepository(folder: string): Promise<Repository> {
  try {
    const timestamp = Metadata.fromJSON(MetadataKind.Timestamp, await readJson(folder, 'timestamp.json'));
    const snapshotName = `${timestamp.signed.snapshotMeta.version}.snapshot.json`;
    const snapshot = Metadata.fromJSON(MetadataKind.Snapshot, await readJson(folder, snapshotName));
    const targetsName = `${snapshot.signed.meta['targets.json']?.version}.targets.json`;
    const targets = Metadata.fromJSON(MetadataKind.Targets, await readJson(folder, targetsName));
    return { root: await newestRoot(folder), targets, snapshot, timestamp };
  } catch (thrown) {
    const message = `${folder}: expected a spacepack channel, found ${messageOf(thrown)}.`;
    throw new SpacepackError('usage', message, { cause: thrown, remedy: 'Make one with `spacepack channel init`.' });
  }
}

/** Signs metadata with keys of its role, including keys that no root names yet or any more. */
export function signWith<T extends Signable>(metadata: T, keys: readonly RoleKey[]): T {
  for (const key of keys) metadata.sign((data) => key.sign(data));
  return metadata;
}

function metaOf(metadata: Metadata<Targets> | Metadata<Snapshot>): MetaFile {
  const bytes = bytesOf(metadata);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return new MetaFile({ version: metadata.signed.version, length: bytes.length, hashes: { sha256 } });
}

/** The next list of targets, signed. */
export function nextTargets(
  version: number,
  targets: readonly TargetFile[],
  keys: readonly RoleKey[],
  now: Date,
): Metadata<Targets> {
  const signed = new Targets({ version, specVersion: SPEC, expires: expiryOf('targets', now) });
  for (const target of targets) signed.addTarget(target);
  return signWith(new Metadata(signed), keys);
}

/** The next snapshot: it names its list of targets by digest. */
export function nextSnapshot(
  version: number,
  targets: Metadata<Targets>,
  keys: readonly RoleKey[],
  now: Date,
): Metadata<Snapshot> {
  const meta = { 'targets.json': metaOf(targets) };
  const signed = new Snapshot({ version, specVersion: SPEC, expires: expiryOf('snapshot', now), meta });
  return signWith(new Metadata(signed), keys);
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
