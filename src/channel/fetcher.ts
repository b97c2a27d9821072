import type { Fetcher } from 'tuf-js';
// The updater uses this class to tell "there is no newer root" from a failure, but the package's entry does not export
// it.
import { DownloadHTTPError } from 'tuf-js/dist/error.js';
import { SpacepackError } from '../protocol/errors.ts';
import { type Bounds, PACE, type Pace, readWhole } from './bounded-body.ts';
import { requireMetadata } from './metadata-shape.ts';
import type { Transport, TransportReply } from './transport.ts';

export interface MetadataFetcher extends Fetcher {
  /** The first failure to get a required file: the updater passes on only its text. */
  readonly failure: () => SpacepackError | null;
  /** From now on nothing is fetched any more, and that is no failure. */
  readonly close: () => void;
  /** The server's ETag for a file that was fetched; `null`: it gave none. */
  readonly etag: (url: string) => string | null;
}

export interface FetcherOptions {
  readonly transport: Transport;
  readonly signal?: AbortSignal | undefined;
  readonly pace?: Pace;
  /** A file that was fetched already and is not requested again. */
  readonly known?: { readonly url: string; readonly bytes: Uint8Array; readonly etag: string | null };
}

/** A newer root is requested by number; usually there is none. */
const isRootProbe = (url: string): boolean => /\/\d+\.root\.json$/.test(url);
const ABSENT: readonly number[] = [403, 404];

/**
 * The body of an answer, if it has the form of metadata. Rejects with `channel-unreachable`: what is cut, too long or
 * something else is no word of the channel's.
 */
export async function readMetadata(
  answer: TransportReply,
  bounds: Omit<Bounds, 'broken' | 'tooLong'>,
): Promise<Buffer> {
  const codes = { broken: 'channel-unreachable', tooLong: 'channel-unreachable' } as const;
  return requireMetadata(await readWhole(answer, { ...bounds, ...codes }), bounds.name);
}

async function fetchMetadata(
  url: string,
  mostBytes: number,
  options: FetcherOptions,
  etags: Map<string, string | null>,
): Promise<Buffer> {
  const { transport, signal, pace = PACE, known } = options;
  if (url === known?.url) return Buffer.from(known.bytes);
  const answer = await transport.get({ url: new URL(url), signal });
  if (answer.status !== 200) {
    answer.stop();
    const probed = isRootProbe(url) && ABSENT.includes(answer.status);
    if (probed) throw new DownloadHTTPError('no newer root', answer.status);
    throw new SpacepackError('channel-unreachable', `${url}: expected status 200, found ${answer.status}.`);
  }
  etags.set(url, answer.etag);
  return readMetadata(answer, { pace, mostBytes, name: url, signal });
}

/** How the updater gets metadata: limited in size and time, each file once. It never fetches targets. */
export function createMetadataFetcher(options: FetcherOptions): MetadataFetcher {
  let failure: SpacepackError | null = null;
  let isClosed = false;
  const { known } = options;
  const etags = new Map(known === undefined ? [] : [[known.url, known.etag]]);
  return {
    etag: (url) => etags.get(url) ?? null,
    failure: () => failure,
    close() {
      isClosed = true;
    },
    async downloadBytes(url, mostBytes) {
      if (isClosed) throw new TypeError(`${url} is not fetched`);
      try {
        return await fetchMetadata(url, mostBytes, options, etags);
      } catch (thrown) {
        if (thrown instanceof SpacepackError) failure ??= thrown;
        throw thrown;
      }
    },
    downloadFile: (url) => Promise.reject(new TypeError(`${url} is not metadata`)),
  };
}

/** For reading what is on disk: the updater does not get anything that is missing there. */
export const NO_FETCHER: Fetcher = {
  downloadBytes: (url) => Promise.reject(new TypeError(`${url} is not to be fetched`)),
  downloadFile: (url) => Promise.reject(new TypeError(`${url} is not to be fetched`)),
};
