import { readFileSync } from 'node:fs';
import { Metadata, MetadataKind, type Root, type Snapshot, type Targets, type Timestamp } from '@tufjs/models';
import { metadataPath } from '../../src/channel/publisher/site.ts';

/** What a channel says to its clients, as it lies there: nothing is verified. */
export interface Published {
  readonly root: Metadata<Root>;
  readonly targets: Metadata<Targets>;
  readonly snapshot: Metadata<Snapshot>;
  readonly timestamp: Metadata<Timestamp>;
}

const read = (folder: string, name: string) => JSON.parse(readFileSync(metadataPath(folder, name), 'utf8'));

function newestRoot(folder: string): Metadata<Root> {
  for (let version = 1; ; version += 1) {
    try {
      readFileSync(metadataPath(folder, `${version + 1}.root.json`));
    } catch {
      return Metadata.fromJSON(MetadataKind.Root, read(folder, `${version}.root.json`));
    }
  }
}

export async function loadRepository(folder: string): Promise<Published> {
  const timestamp = Metadata.fromJSON(MetadataKind.Timestamp, read(folder, 'timestamp.json'));
  const snapshotName = `${timestamp.signed.snapshotMeta.version}.snapshot.json`;
  const snapshot = Metadata.fromJSON(MetadataKind.Snapshot, read(folder, snapshotName));
  const targetsName = `${snapshot.signed.meta['targets.json']?.version}.targets.json`;
  const targets = Metadata.fromJSON(MetadataKind.Targets, read(folder, targetsName));
  return { root: newestRoot(folder), targets, snapshot, timestamp };
}
