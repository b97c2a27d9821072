import type { Metadata, Root, Snapshot, Timestamp } from '@tufjs/models';
import { messageOf, SpacepackError } from '../../protocol/errors.ts';
import { type Published, type PublishedVersions, sha256Of } from './anchor.ts';
import { type AnyMetadata, bytesOf } from './repository.ts';
import { changed, metadataPath, readSiteFile } from './site.ts';

/**
 * How far a version may be beyond the last one that is known here: a command every minute for years. Versions cannot
 * grow for ever, so whoever has stolen a key could use them up.
 */
const MOST_LEAP = 1_000_000;

const isLeap = (role: string, version: number, published: PublishedVersions): boolean =>
  version > (published[role]?.version ?? 0) + MOST_LEAP;

/** Throws `channel-changed` unless bytes are what this program has written, and vouched for. */
export function requireVouched<T extends AnyMetadata>(
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
export function requireKnown(
  path: string,
  bytes: Buffer,
  role: string,
  version: number,
  published: PublishedVersions,
): void {
  const known = published[role];
  if (isLeap(role, version, published)) throw changed(path, `a version close to ${known?.version ?? 0}`, `${version}`);
  if (known === undefined || version > known.version) return;
  if (version < known.version) throw changed(path, `version ${known.version}, which was published`, `${version}`);
  if (sha256Of(bytes) === known.sha256) return;
  throw changed(path, 'the bytes that were published under this version', 'others');
}

/** A numbered file. Rejects with `channel-changed`, also if it is missing. */
export async function readNumbered(
  folder: string,
  name: string,
  kind: 'root' | 'list',
  role: string,
  published: PublishedVersions,
): Promise<{ readonly path: string; readonly bytes: Buffer }> {
  const path = metadataPath(folder, name);
  const bytes = await readSiteFile(path, kind);
  if (bytes === null) throw changed(path, 'a file of the channel', 'none');
  requireKnown(path, bytes, role, Number.parseInt(name, 10), published);
  return { path, bytes };
}

/** What to remember of metadata. */
export const publishedOf = (metadata: AnyMetadata): Published => ({
  version: metadata.signed.version,
  sha256: sha256Of(bytesOf(metadata)),
});

/** Throws unless metadata has the version that its name says. */
export const versionIs = ({ signed }: AnyMetadata, version: number): void => {
  if (signed.version !== version) throw new TypeError(`version ${signed.version}`);
};

/** Whether the keys that a root names for a role have signed a part. */
export function isSigned(root: Metadata<Root> | undefined, role: string, part: AnyMetadata): boolean {
  try {
    root?.verifyDelegate(role, part);
    return root !== undefined;
  } catch {
    return false;
  }
}

/** What becomes of a part of the online keys whose version is far beyond all that were published. */
export type Leaps = 'refused' | 'left out';

/**
 * A part that the online keys sign. One that is missing, signed by a key that was replaced, or older than what was
 * published, does not count: the next is made without it. Rejects with `channel-changed` for one that no key of the
 * channel has ever signed.
 */
export async function readOnline<T extends Metadata<Snapshot> | Metadata<Timestamp>>(
  path: string,
  role: 'snapshot' | 'timestamp',
  parse: (json: never) => T,
  roots: readonly Metadata<Root>[],
  published: PublishedVersions,
  leaps: Leaps,
): Promise<T | null> {
  const bytes = await readSiteFile(path, role);
  if (bytes === null) return null;
  const read = requireVouched(path, bytes, parse, (found) => {
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
