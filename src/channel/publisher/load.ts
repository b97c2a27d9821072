import { Metadata, MetadataKind, type Root, type Snapshot, type Targets, type Timestamp } from '@tufjs/models';
import { SpacepackError } from '../../protocol/errors.ts';
import { type Anchor, loadAnchor, type PublishedVersions, sha256Of, trustRootPath } from './anchor.ts';
import { type Archive, BINS, binVersionsOf } from './archive.ts';
import {
  isSigned,
  type Leaps,
  publishedOf,
  readNumbered,
  readOnline,
  requireKnown,
  requireVouched,
  versionIs,
} from './signed-file.ts';
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
  const first = requireVouched(trustRootPath(keys), root, parseRoot, (read) => read.verifyDelegate('root', read));
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
    const read = requireVouched(name, next, parseRoot, (found) => {
      versionIs(found, version);
      for (const by of [before, found]) by?.verifyDelegate('root', found);
    });
    roots.push(read);
  }
}

/**
 * The newest list. If a rotation of its key was cut off, the newest root does not vouch for it any more; then it must
 * be the very one that was published last.
 */
async function readList(
  folder: string,
  roots: readonly Metadata<Root>[],
  published: PublishedVersions,
): Promise<Metadata<Targets>> {
  const version = await newestListVersion(folder);
  const { path, bytes } = await readNumbered(folder, `${version}.targets.json`, 'list', 'targets', published);
  return requireVouched(path, bytes, parseList, (read) => {
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
    const read = requireVouched(path, bytes, parseList, (found) => {
      versionIs(found, version);
      list.verifyDelegate(name, found);
    });
    archive.set(name, read);
  }
  return archive;
}

/**
 * Reads a channel from its folder. Rejects with `usage` if there is none or its trust root is not with the keys, and
 * with `channel-changed` if anything there is not what the channel's keys have signed, or older than what was
 * published, or if its version leaps.
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
