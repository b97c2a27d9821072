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

/**
 * How far a version may be beyond the last one that is known here: a command every minute for years. Versions cannot
 * grow for ever, so whoever has stolen a key could use them up.
 */
const MOST_LEAP = 1_000_000;

const isLeap = (role: string, version: number, published: PublishedVersions): boolean =>
  version > (published[role]?.version ?? 0) + MOST_LEAP;

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
  if (isLeap(role, version, published)) throw changed(path, `a version close to ${known?.version ?? 0}`, `${version}`);
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

/**
 * The newest list. If a rotation of its key was cut off, the newest root does not vouch for it any more; then it must be
 * the very one that was published last.
 */
async function readList(
  folder: string,
  roots: readonly Metadata<Root>[],
  published: PublishedVersions,
): Promise<Metadata<Targets>> {
  const version = await newestListVersion(folder);
  const { path, bytes } = await readNumbered(folder, `${version}.targets.json`, 'list', 'targets', published);
  return judge(path, bytes, parseList, (read) => {
    versionIs(read, version);
    const isPublished = published['targets']?.sha256 === sha256Of(bytes);
    if (isPublished && roots.some((root) => isSigned(root, 'targets', read))) return;
    roots.at(-1)?.verifyDelegate('targets', read);
  });
}

/** Rejects with `channel-changed` for a list whose key was replaced by a rotation that was then cut off. */
export function requireCurrentList({ root, targets }: Repository): void {
  if (isSigned(root, 'targets', targets)) return;
  const message = 'Expected a list of releases that the newest root vouches for, found one of an older key.';
  throw new SpacepackError('channel-changed', message, {
    remedy: 'A rotation of the targets key was cut off: run `spacepack channel rotate SITE targets` again.',
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
function isSigned(root: Metadata<Root> | undefined, role: string, part: AnyMetadata): boolean {
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
  leaps: Leaps,
): Promise<T | null> {
  const bytes = await readSiteFile(path, role);
  if (bytes === null) return null;
  const read = judge(path, bytes, parse, (found) => {
    if (!roots.some((root) => isSigned(root, role, found))) throw new TypeError('no signature of theirs');
  });
  const { version } = read.signed;
  const isCurrent = isSigned(roots.at(-1), role, read) && version >= (published[role]?.version ?? 0);
  if (!isCurrent) return null;
  if (!isLeap(role, version, published)) return read;
  if (leaps === 'left out') return null;
  const known = published[role]?.version ?? 0;
  const message = `${path}: expected a version close to ${known}, found ${version}, signed with the key of ${role}.`;
  throw new SpacepackError('channel-changed', message, {
    remedy:
      'Nothing was signed. Somebody else has the online keys, and clients that saw this take nothing older: ' +
      'run `spacepack channel rotate SITE timestamp`, and the same for snapshot.',
  });
}

/** What becomes of a part of the online keys whose version is far beyond all that were published. */
type Leaps = 'refused' | 'left out';

/**
 * Reads a channel from its folder. Rejects with `usage` if there is none or its trust root is not with the keys, and
 * with `channel-changed` if anything there is not what the channel's keys have signed, or older than what was published,
 * or if its version leaps.
 */
export async function loadChannel(folder: string, keys: string, leaps: Leaps = 'refused'): Promise<Repository> {
  await requireSite(folder);
  const anchor = await loadAnchor(keys);
  const { published } = anchor;
  const roots = await walkRoots(folder, keys, anchor);
  const root = roots.at(-1);
  if (root === undefined) throw new SpacepackError('usage', `${keys}: expected a trust root, found none.`);
  const targets = await readList(folder, roots, published);
  const archive = await readArchive(folder, targets, published);
  const stamp = metadataPath(folder, 'timestamp.json');
  const timestamp = await readOnline(stamp, 'timestamp', parseTimestamp, roots, published, leaps);
  const shot = metadataPath(folder, `${timestamp?.signed.snapshotMeta.version ?? 0}.snapshot.json`);
  const snapshot = await readOnline(shot, 'snapshot', parseSnapshot, roots, published, leaps);
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
