import { join } from 'node:path';
import { readIfThere, writeWhole } from '../computer/own-disk.ts';
import { SpacepackError } from '../protocol/errors.ts';
import { isText, parseJson, textLike, withFields } from '../protocol/shapes.ts';
import type { ChannelWorld } from './channel-world.ts';
import { readMetadata } from './fetcher.ts';
import { METADATA_MOST_BYTES } from './metadata-limits.ts';
import type { Transport } from './transport.ts';
import { type Trusted, timestampUrl } from './trusted.ts';

const ETAG_FILE = 'timestamp.etag.json';
/** An ETag goes into a header, so it must be printable and short. RFC 9110 §8.8.3. */
const ETAG = /^(?:W\/)?"[\x21\x23-\x7e]{0,200}"$/;

/** The server's ETag for the trusted timestamp; `null`: none, or one from another address. */
async function loadEtag(folder: string, url: string): Promise<string | null> {
  const bytes = await readIfThere(join(folder, ETAG_FILE));
  const seen = parseJson(bytes?.toString('utf8') ?? '', withFields({ url: isText, etag: textLike(ETAG) }));
  return seen?.url === url ? seen.etag : null;
}

/** Keeps an ETag for the next check. It is only a hint: with a wrong one, more is fetched. */
export async function saveEtag(folder: string, url: string, etag: string | null): Promise<void> {
  await writeWhole(join(folder, ETAG_FILE), JSON.stringify({ url, etag }));
}

/** What the server said when asked for the timestamp only. */
export type Glance =
  | { readonly kind: 'same' }
  | { readonly kind: 'other'; readonly bytes: Buffer; readonly etag: string | null };

/** One small request: is the timestamp still the trusted one, byte for byte? */
export async function glance(
  { places, directory, pace }: ChannelWorld,
  transport: Transport,
  seen: Trusted | null,
  signal: AbortSignal | undefined,
): Promise<Glance> {
  const name = timestampUrl(places);
  const known = seen === null ? null : await loadEtag(directory, name);
  const answer = await transport.get({ url: new URL(name), etag: known, signal });
  try {
    if (answer.status === 304 && known !== null) return { kind: 'same' };
    if (answer.status !== 200) {
      throw new SpacepackError('channel-unreachable', `${name}: expected status 200, found ${answer.status}.`);
    }
    const bytes = await readMetadata(answer, { pace, mostBytes: METADATA_MOST_BYTES.timestamp, name, signal });
    if (seen === null || !bytes.equals(seen.timestamp)) return { kind: 'other', bytes, etag: answer.etag };
    if (answer.etag !== known) await saveEtag(directory, name, answer.etag);
    return { kind: 'same' };
  } finally {
    answer.stop();
  }
}
