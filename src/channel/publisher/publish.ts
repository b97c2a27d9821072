import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Metadata, Root, Snapshot, Targets, Timestamp } from '@tufjs/models';
import { writeWhole } from '../../computer/own-disk.ts';
import { messageOf, SpacepackError } from '../../protocol/errors.ts';
import { METADATA_MOST_BYTES } from '../metadata-limits.ts';
import { type PublishedVersions, requireKept, savePublished, sha256Of } from './anchor.ts';
import type { Archive } from './archive.ts';
import { type AnyMetadata, bytesOf } from './repository.ts';
import { FOLDERS, metadataPath } from './site.ts';

/** Everyone may read what is published. */
const PUBLIC = 0o644;

/** What is new in a channel. Without a timestamp, clients do not learn of it before the next `refresh`. */
export interface Edition {
  readonly root: Metadata<Root>;
  /** Whether the root is new, and when it is published: clients must be able to follow at every moment. */
  readonly newRoot: 'none' | 'first' | 'last';
  readonly targets: Metadata<Targets> | null;
  /** Only the bins that are new. */
  readonly archive: Archive;
  readonly snapshot: Metadata<Snapshot> | null;
  readonly timestamp: Metadata<Timestamp> | null;
}

/** Throws `key-unusable` unless each part is signed as the root requires: a mistake here would lock out all clients. */
function requireSigned({ root, targets, archive, snapshot, timestamp }: Edition): void {
  const parts = [root, targets, snapshot, timestamp].map((part) => [root, part?.signed.type ?? '', part] as const);
  const bins = [...archive].map(([name, bin]) => [targets, name, bin] as const);
  for (const [by, role, part] of [...parts, ...bins]) {
    if (part === null) continue;
    try {
      by?.verifyDelegate(role, part);
    } catch (thrown) {
      const found = messageOf(thrown);
      const message = `Expected keys that the channel's root names for ${role}, found that ${found}.`;
      throw new SpacepackError('key-unusable', message, {
        cause: thrown,
        remedy: 'Give the keys of this channel with --keys. If a rotation was cut off, run it again.',
      });
    }
  }
}

/** Creates the folders that a server serves. */
export async function makeFolders(folder: string): Promise<void> {
  for (const name of FOLDERS) await mkdir(join(folder, name), { recursive: true });
}

/** Bytes to write to a file, and what to remember of them. */
interface Part {
  readonly name: string;
  readonly role: string;
  readonly version: number;
  readonly bytes: Buffer;
}

function partOf(role: string, metadata: AnyMetadata): Part {
  const { version } = metadata.signed;
  const bytes = bytesOf(metadata);
  const most =
    role in METADATA_MOST_BYTES
      ? METADATA_MOST_BYTES[role as keyof typeof METADATA_MOST_BYTES]
      : METADATA_MOST_BYTES.list;
  if (bytes.length > most) {
    const message = `Expected ${role} metadata of at most ${most} bytes, found ${bytes.length}.`;
    throw new SpacepackError('usage', message, { remedy: 'Withdraw releases that nobody needs any more.' });
  }
  return { name: role === 'timestamp' ? 'timestamp.json' : `${version}.${role}.json`, role, version, bytes };
}

/**
 * Removes files that no client was told of. What was published is kept as before first: if that had failed after its
 * effect, it names those files, and a channel that lacks one of them would be refused for good.
 */
async function takeBack(
  folder: string,
  keys: string,
  published: PublishedVersions,
  names: readonly string[],
): Promise<void> {
  await savePublished(keys, published);
  for (const name of names) await rm(metadataPath(folder, name), { force: true });
}

/**
 * Publishes an edition: numbered files first, and last the timestamp, which points to them all. Each file is written
 * whole, so that a client sees either the previous edition or this one. What was published is remembered with the keys
 * before any client can see it. Resolves with all that is published now; rejects with `key-unusable`, or `usage` if a
 * part is too large, before anything is written.
 */
export async function publish(
  folder: string,
  keys: string,
  published: PublishedVersions,
  edition: Edition,
): Promise<PublishedVersions> {
  requireSigned(edition);
  const { root, newRoot, targets, archive, snapshot, timestamp } = edition;
  const part = (role: string, metadata: AnyMetadata | null): readonly Part[] =>
    metadata === null ? [] : [partOf(role, metadata)];
  const roots = part('root', root);
  const bins = [...archive].flatMap(([name, bin]) => part(name, bin));
  const numbered = [
    ...(newRoot === 'first' ? roots : []),
    ...bins,
    ...part('targets', targets),
    ...part('snapshot', snapshot),
  ];
  const last = part('timestamp', timestamp);
  const write = async (parts: readonly Part[]): Promise<void> => {
    for (const { name, bytes } of parts) await writeWhole(metadataPath(folder, name), bytes, PUBLIC);
  };
  let known = published;
  const remember = async (parts: readonly Part[]): Promise<void> => {
    const news = parts.map(({ role, version, bytes }) => [role, { version, sha256: sha256Of(bytes) }]);
    known = { ...known, ...Object.fromEntries(news) };
    await savePublished(keys, known);
  };
  await requireKept(keys, known);
  try {
    await write(numbered);
    await remember([...numbered, ...last]);
  } catch (thrown) {
    // The command fails, so what it would have said must not be announced by the next one. Clients may have a root.
    const names = numbered.slice(newRoot === 'first' ? 1 : 0).map(({ name }) => name);
    await takeBack(folder, keys, published, names).catch(() => undefined);
    throw thrown;
  }
  await write(last);
  if (newRoot !== 'last') return known;
  await write(roots);
  await remember(roots);
  return known;
}
