import { join } from 'node:path';
import { readIfThere, writeWhole } from '../computer/own-disk.ts';
import { isText, parseJson, textLike, withFields } from '../protocol/shapes.ts';

const FILE = 'timestamp.etag.json';
/** An ETag goes into a header: printable, and short. RFC 9110 §8.8.3. */
const ETAG = /^(?:W\/)?"[\x21\x23-\x7e]{0,200}"$/;

/** The ETag under which a server gave out the trusted timestamp; `null`: none, or one of another address. */
export async function loadEtag(folder: string, url: string): Promise<string | null> {
  const bytes = await readIfThere(join(folder, FILE));
  const seen = parseJson(bytes?.toString('utf8') ?? '', withFields({ url: isText, etag: textLike(ETAG) }));
  return seen?.url === url ? seen.etag : null;
}

/** Keeps an ETag for the next check. It is but a hint: with a wrong one, more is fetched. */
export async function saveEtag(folder: string, url: string, etag: string | null): Promise<void> {
  await writeWhole(join(folder, FILE), JSON.stringify({ url, etag }));
}
