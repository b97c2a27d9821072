import type { Metadata, Root, Snapshot, Targets, Timestamp } from '@tufjs/models';
import { messageOf } from '../../protocol/errors.ts';
import { type Memory, type Published, sha256Of } from './anchor.ts';
import { bytesOf } from './repository.ts';
import { changed, metadataPath, readMetadata } from './site.ts';

export type AnyMetadata = Metadata<Root> | Metadata<Targets> | Metadata<Snapshot> | Metadata<Timestamp>;

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
export function requireKnown(path: string, bytes: Buffer, role: string, version: number, memory: Memory): void {
  const known = memory[role];
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
  memory: Memory,
): Promise<{ readonly path: string; readonly bytes: Buffer }> {
  const path = metadataPath(folder, name);
  const bytes = await readMetadata(path, kind);
  if (bytes === null) throw changed(path, 'a file of the channel', 'none');
  requireKnown(path, bytes, role, Number.parseInt(name, 10), memory);
  return { path, bytes };
}

export const publishedOf = (metadata: AnyMetadata): Published => ({
  version: metadata.signed.version,
  sha256: sha256Of(bytesOf(metadata)),
});

export const versionIs = ({ signed }: AnyMetadata, version: number): void => {
  if (signed.version !== version) throw new TypeError(`version ${signed.version}`);
};

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
export async function readOnline<T extends Metadata<Snapshot> | Metadata<Timestamp>>(
  path: string,
  role: 'snapshot' | 'timestamp',
  parse: (json: never) => T,
  roots: readonly Metadata<Root>[],
  memory: Memory,
): Promise<T | null> {
  const bytes = await readMetadata(path, role);
  if (bytes === null) return null;
  const read = requireVouched(path, bytes, parse, (found) => {
    if (!roots.some((root) => isSigned(root, role, found))) throw new TypeError('no signature of theirs');
  });
  const isCurrent = isSigned(roots.at(-1), role, read) && read.signed.version >= (memory[role]?.version ?? 0);
  return isCurrent ? read : null;
}
