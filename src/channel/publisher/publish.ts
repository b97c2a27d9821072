import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Metadata, Root, Snapshot, Targets, Timestamp } from '@tufjs/models';
import { writeWhole } from '../../computer/own-disk.ts';
import { messageOf, SpacepackError } from '../../protocol/errors.ts';
import { bytesOf, metadataPath } from './repository.ts';

/** Everyone may read what is published. */
const PUBLIC = 0o644;

/** What is new in a channel. */
export interface Edition {
  readonly root: Metadata<Root>;
  /** Whether the root is new, and when it is published: clients must be able to follow at every moment. */
  readonly newRoot: 'none' | 'first' | 'last';
  readonly targets: Metadata<Targets> | null;
  readonly snapshot: Metadata<Snapshot> | null;
  readonly timestamp: Metadata<Timestamp>;
}

/** Throws `key-unusable` unless each part is signed as the root requires: a mistake here would lock out all clients. */
function requireSigned({ root, targets, snapshot, timestamp }: Edition): void {
  for (const metadata of [root, targets, snapshot, timestamp]) {
    if (metadata === null) continue;
    try {
      root.verifyDelegate(metadata.signed.type, metadata);
    } catch (thrown) {
      const found = messageOf(thrown);
      const message = `Expected keys that the channel's root names for ${metadata.signed.type}, found that ${found}.`;
      throw new SpacepackError('key-unusable', message, {
        cause: thrown,
        remedy: 'Give the keys of this channel with --keys.',
      });
    }
  }
}

/** Creates the folders that a server serves. */
export async function makeFolders(folder: string): Promise<void> {
  for (const name of ['metadata', 'targets']) await mkdir(join(folder, name), { recursive: true });
}

/**
 * Publishes an edition: numbered files first, and last the timestamp, which points to them all. Each file is written
 * whole, so that a client sees either the previous edition or this one. Rejects with `key-unusable` before anything is
 * written.
 */
export async function publish(folder: string, edition: Edition): Promise<void> {
  requireSigned(edition);
  const { root, newRoot, targets, snapshot, timestamp } = edition;
  const write = (name: string, metadata: Parameters<typeof bytesOf>[0]): Promise<void> =>
    writeWhole(metadataPath(folder, name), bytesOf(metadata), PUBLIC);
  const rootName = `${root.signed.version}.root.json`;
  if (newRoot === 'first') await write(rootName, root);
  if (targets !== null) await write(`${targets.signed.version}.targets.json`, targets);
  if (snapshot !== null) await write(`${snapshot.signed.version}.snapshot.json`, snapshot);
  await write('timestamp.json', timestamp);
  if (newRoot === 'last') await write(rootName, root);
}
