import { Metadata, MetadataKind, type Root, type Snapshot, type Targets, type Timestamp } from '@tufjs/models';
import { messageOf, SpacepackError } from '../../protocol/errors.ts';
import { type Anchor, loadAnchor, type Published, type PublishedVersions, sha256Of, trustRootPath } from './anchor.ts';
import { type Archive, BINS, binVersionsOf } from './archive.ts';
import { bytesOf } from './repository.ts';
import { changed, metadataPath, newestListVersion, readSiteFile, requireSite } from './site.ts';

/** What a channel says now, all of it signed by the keys that the trust root leads to. */
export interface Repository {
  readonly root: Metadata<Root>;
  readonly targets: Metadata<Targets>;
  readonly archive: Archive;
  /** `null`: there is none that counts. Where the online keys are, the next one is made without it. */
  readonly snapshot: Metadata<Snapshot> | null;
  readonly timestamp: Metadata<Timestamp> | null;
  /** What this place has published or accepted, up to the parts above. */
  readonly published: PublishedVersions;
}

type AnyMetadata = Metadata<Root> | Metadata<Targets> | Metadata<Snapshot> | Metadata<Timestamp>;

/** Throws `channel-changed` unless bytes are what this program has written, and vouched for. */
function judge<T extends AnyMetadata>(
  path: string,
  bytes: Buffer,
  parse: (json: never) => T,
  by: (read: T) => void,
): T {
  try {
    const read = parse(JSON.parse(bytes.toString('utf8')) as never);
    by(read);
    // Snapshots name a list by the digest of its bytes.
    if (!bytesOf(read).equals(bytes)) throw new TypeError('the same in other bytes');
    return read;
  } catch (thrown) {
    throw changed(path, 'what the keys of the channel have signed', messageOf(thrown), thrown);
  }
}

/** Throws `channel-changed` for bytes that are not those that this place has published under that version. */
function requireKnown(path: string, bytes: Buffer, role: string, version: number, published: PublishedVersions): void {
  const known = published[role];
  if (known === undefined || version > known.version) return;
  if (version < known.version) throw changed(path, `version ${known.version}, which was published`, `${version}`);
  if (sha256Of(bytes) === known.sha256) return;
  throw changed(path, 'the bytes that were published under this version', 'others');
}

/** A numbered file. Rejects with `channel-changed`, also if it is missing. */
async function readNumbered(
  folder: string,
  name: string,
  kind: 'root' | 'list',
  role: string,
  published: PublishedVersions,
) {
  const path = metadataPath(folder, name);
  const bytes = await readSiteFile(path, kind);
  if (bytes === null) throw changed(path, 'a file of the channel', 'none');
  requireKnown(path, bytes, role, Number.parseInt(name, 10), published);
  return { path, bytes };
}

const publishedOf = (metadata: AnyMetadata): Published => ({
  version: metadata.signed.version,
  sha256: sha256Of(bytesOf(metadata)),
});

const versionIs = ({ signed }: AnyMetadata, version: number): void => {
  if (signed.version !== version) throw new TypeError(`version ${signed.version}`);
};

const parseRoot = (json: never): Metadata<Root> => Metadata.fromJSON(MetadataKind.Root, json);
const parseList = (json: never): Metadata<Targets> => Metadata.fromJSON(MetadataKind.Targets, json);
const parseSnapshot = (json: never): Metadata<Snapshot> => Metadata.fromJSON(MetadataKind.Snapshot, json);
const parseTimestamp = (json: never): Metadata<Timestamp> => Metadata.fromJSON(MetadataKind.Timestamp, json);

/** All roots from the trust root to the newest, each signed by the one before and by itself. */
async function walkRoots(
  folder: string,
  keys: string,
  { root, published }: Anchor,
): Promise<readonly Metadata<Root>[]> {
  const first = judge(trustRootPath(keys), root, parseRoot, (read) => read.verifyDelegate('root', read));
  const { bytes, path } = await readNumbered(folder, `${first.signed.version}.root.json`, 'root', '', {});
  if (!bytes.equals(root)) throw changed(path, `the trust root in ${trustRootPath(keys)}`, 'another');
  const roots = [first];
  for (let version = first.signed.version + 1; ; version += 1) {
    const name = metadataPath(folder, `${version}.root.json`);
    const next = await readSiteFile(name, 'root');
    if (next === null) {
      const known = published['root']?.version ?? 0;
      if (version <= known) throw changed(name, 'a file of the channel', 'none');
      return roots;
    }
    if (version >= (published['root']?.version ?? 0)) requireKnown(name, next, 'root', version, published);
    const before = roots.at(-1);
    const read = judge(name, next, parseRoot, (found) => {
      versionIs(found, version);
      for (const by of [before, found]) by?.verifyDelegate('root', found);
    });
    roots.push(read);
  }
}

async function readList(
  folder: string,
  root: Metadata<Root>,
  published: PublishedVersions,
): Promise<Metadata<Targets>> {
  const version = await newestListVersion(folder);
  const { path, bytes } = await readNumbered(folder, `${version}.targets.json`, 'list', 'targets', published);
  return judge(path, bytes, parseList, (read) => {
    versionIs(read, version);
    root.verifyDelegate('targets', read);
  });
}

async function readArchive(folder: string, list: Metadata<Targets>, published: PublishedVersions): Promise<Archive> {
  const archive = new Map<string, Metadata<Targets>>();
  if (list.signed.delegations === undefined) return archive;
  const versions = binVersionsOf(list.signed);
  for (const name of BINS) {
    const version = versions?.get(name) ?? 0;
    const { path, bytes } = await readNumbered(folder, `${version}.${name}.json`, 'list', name, published);
    const read = judge(path, bytes, parseList, (found) => {
      versionIs(found, version);
      list.verifyDelegate(name, found);
    });
    archive.set(name, read);
  }
  return archive;
}

/** Whether the keys that a root names for a role have signed a part. */
function isSigned(root: Metadata<Root> | undefined, role: 'snapshot' | 'timestamp', part: AnyMetadata): boolean {
  try {
    root?.verifyDelegate(role, part);
    return root !== undefined;
  } catch {
    return false;
  }
}

/**
 * A part that the online keys sign. One that is missing, signed by a key that was replaced, or older than what was
 * published, does not count: the next is made without it. Rejects with `channel-changed` for one that no key of the
 * channel has ever signed.
 */
async function readOnline<T extends Metadata<Snapshot> | Metadata<Timestamp>>(
  path: string,
  role: 'snapshot' | 'timestamp',
  parse: (json: never) => T,
  roots: readonly Metadata<Root>[],
  published: PublishedVersions,
): Promise<T | null> {
  const bytes = await readSiteFile(path, role);
  if (bytes === null) return null;
  const read = judge(path, bytes, parse, (found) => {
    if (!roots.some((root) => isSigned(root, role, found))) throw new TypeError('no signature of theirs');
  });
  const isCurrent = isSigned(roots.at(-1), role, read) && read.signed.version >= (published[role]?.version ?? 0);
  return isCurrent ? read : null;
}

/**
 * Reads a channel from its folder. Rejects with `usage` if there is none or its trust root is not with the keys, and
 * with `channel-changed` if anything there is not what the channel's keys have signed, or older than what was published.
 */
export async function loadChannel(folder: string, keys: string): Promise<Repository> {
  await requireSite(folder);
  const anchor = await loadAnchor(keys);
  const { published } = anchor;
  const roots = await walkRoots(folder, keys, anchor);
  const root = roots.at(-1);
  if (root === undefined) throw new SpacepackError('usage', `${keys}: expected a trust root, found none.`);
  const targets = await readList(folder, root, published);
  const archive = await readArchive(folder, targets, published);
  const stamp = metadataPath(folder, 'timestamp.json');
  const timestamp = await readOnline(stamp, 'timestamp', parseTimestamp, roots, published);
  const shot = metadataPath(folder, `${timestamp?.signed.snapshotMeta.version ?? 0}.snapshot.json`);
  const snapshot = await readOnline(shot, 'snapshot', parseSnapshot, roots, published);
  const seen = [
    ['root', root],
    ['targets', targets],
    ...archive,
    ['snapshot', snapshot],
    ['timestamp', timestamp],
  ] as const;
  const known = Object.fromEntries(seen.flatMap(([role, part]) => (part === null ? [] : [[role, publishedOf(part)]])));
  return { root, targets, archive, snapshot, timestamp, published: { ...published, ...known } };
}

/** The version after all that this place or any other has published. */
export function versionAfter({ published, ...parts }: Repository, role: 'targets' | 'snapshot' | 'timestamp'): number {
  return Math.max(published[role]?.version ?? 0, parts[role]?.signed.version ?? 0) + 1;
}
