import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errnoOf } from '../../computer/errno.ts';
import { onOwnDisk, readIfThere, writeWhole } from '../../computer/own-disk.ts';
import { strangersAt } from '../../computer/owner.ts';
import { messageOf, SpacepackError } from '../../protocol/errors.ts';
import { isTable, parseJson, type Shape, such, textLike, whole, withFields } from '../../protocol/shapes.ts';

/** A version that was published, and the digest of its bytes: no other bytes ever count as that version. */
export interface Published {
  readonly version: number;
  readonly sha256: string;
}

/** By role: the newest version that this place has published or accepted. */
export type PublishedVersions = Readonly<Record<string, Published>>;

/** What may be signed, kept with the keys, because whoever can write to the served folder must not decide it. */
export interface Anchor {
  /** The first root, as clients are given it. */
  readonly root: Buffer;
  readonly published: PublishedVersions;
}

export const trustRootPath = (keys: string): string => join(keys, 'root.json');
const publishedPath = (keys: string): string => join(keys, 'published.json');

const isPublished: Shape<Published> = withFields({ version: whole(1), sha256: textLike(/^[0-9a-f]{64}$/) });
const isPublishedVersions = such(isTable, (table): table is PublishedVersions =>
  Object.values(table).every(isPublished),
);
const holdsPublished: Shape<{ readonly published: PublishedVersions }> = withFields({ published: isPublishedVersions });

export const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

async function requireOwn(path: string): Promise<void> {
  const strangers = await onOwnDisk(dirname(path), async () => strangersAt(path, await stat(path)));
  if (strangers === null) return;
  throw new SpacepackError('key-unusable', `${path}: expected that only you can write to it, found ${strangers}.`, {
    remedy: 'Find out who has changed it, and make it yours alone (chown, chmod go-w).',
  });
}

/**
 * Rejects with `usage` if the folder has no trust root, and with `key-unusable` if others can write to it or to what is
 * kept there, or what was published cannot be understood.
 */
export async function loadAnchor(keys: string): Promise<Anchor> {
  const root = await readIfThere(trustRootPath(keys));
  if (root === null) {
    const path = trustRootPath(keys);
    throw new SpacepackError('usage', `Expected the channel's trust root in ${path}, found none.`, {
      remedy: `Copy the root.json that your users were given to ${path}; never the one in the served folder.`,
    });
  }
  await requireOwn(keys);
  await requireOwn(trustRootPath(keys));
  const bytes = await readIfThere(publishedPath(keys));
  if (bytes === null) return { root, published: {} };
  await requireOwn(publishedPath(keys));
  const read = parseJson(bytes.toString('utf8'), holdsPublished);
  if (read !== null) return { root, published: read.published };
  const message = `${publishedPath(keys)}: expected what was published last, found something else.`;
  throw new SpacepackError('key-unusable', message, { remedy: 'Restore it from a backup.' });
}

/** Keeps the first root of a new channel. */
export function saveTrustRoot(keys: string, root: Uint8Array): Promise<void> {
  return writeWhole(trustRootPath(keys), root, 0o644);
}

/** Keeps what was published, durably. */
export function savePublished(keys: string, published: PublishedVersions): Promise<void> {
  return writeWhole(publishedPath(keys), `${JSON.stringify({ published }, null, 2)}\n`);
}

/** Requires that this can be kept, before anything is published. Rejects with `key-unusable`. */
export async function requireKept(keys: string, published: PublishedVersions): Promise<void> {
  try {
    await savePublished(keys, published);
  } catch (thrown) {
    if (errnoOf(thrown) === null) throw thrown;
    const message = `${publishedPath(keys)}: expected to keep what is published, found ${messageOf(thrown)}.`;
    throw new SpacepackError('key-unusable', message, {
      cause: thrown,
      remedy: 'Nothing was published. Give a folder of keys that can be written to, with room left.',
    });
  }
}
