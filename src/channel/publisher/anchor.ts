import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { onOwnDisk, readIfThere, writeWhole } from '../../computer/own-disk.ts';
import { SpacepackError } from '../../protocol/errors.ts';
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

async function requireOwn(keys: string): Promise<void> {
  if (process.platform === 'win32') return;
  const { mode } = await onOwnDisk(keys, () => stat(keys));
  if ((mode & 0o022) === 0) return;
  const found = (mode & 0o777).toString(8);
  throw new SpacepackError('key-unusable', `${keys}: expected that only you can write to it, found mode ${found}.`, {
    remedy: `Find out who has changed it, and run \`chmod go-w ${keys}\`.`,
  });
}

/**
 * Rejects with `usage` if the folder has no trust root, and with `key-unusable` if others can write to it or what was
 * published cannot be understood.
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
  const bytes = await readIfThere(publishedPath(keys));
  if (bytes === null) return { root, published: {} };
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
