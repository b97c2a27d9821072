import { join } from 'node:path';
import { Metadata, MetadataKind } from '@tufjs/models';
import { readIfThere, writeWhole } from '../computer/own-disk.ts';
import { messageOf, SpacepackError } from '../protocol/errors.ts';
import { forgetState, openOwnFolder } from './state-folder.ts';

/** The root as given at the install. The trusted root continues from it. */
const PINNED = 'pinned-root.json';

function requireRoot(bytes: Uint8Array): void {
  try {
    const root = Metadata.fromJSON(MetadataKind.Root, JSON.parse(Buffer.from(bytes).toString('utf8')));
    root.verifyDelegate(MetadataKind.Root, root);
  } catch (thrown) {
    const message = `Expected a trust root (root.json) that its own keys signed; found: ${messageOf(thrown)}.`;
    throw new SpacepackError('channel-untrusted', message, { cause: thrown });
  }
}

/**
 * Opens the folder of a channel's trusted metadata. A given trust root is pinned: if it was pinned before, nothing
 * changes; another one starts over. Without one, there must already be a trusted root. Rejects with
 * `channel-untrusted`.
 */
export async function openPinned(folder: string, root: Uint8Array | undefined): Promise<void> {
  await openOwnFolder(folder);
  const present = await readIfThere(join(folder, 'root.json'));
  if (root === undefined) {
    if (present !== null) return;
    const remedy = 'Install the channel with its trust root: --trust root.json.';
    throw new SpacepackError('channel-untrusted', `${folder}: expected a trust root, found none.`, { remedy });
  }
  requireRoot(root);
  const pinned = await readIfThere(join(folder, PINNED));
  if (present !== null && pinned?.equals(root)) return;
  await forgetState(folder);
  await writeWhole(join(folder, 'root.json'), root);
  await writeWhole(join(folder, PINNED), root);
}
