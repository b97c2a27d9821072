import { memoryPayload, type PayloadSource } from '../image/payload.ts';
import { IMAGE_MOST_BYTES } from '../image/unpack.ts';
import { SpacepackError } from '../protocol/errors.ts';
import { PACE, type Pace, readWhole } from './bounded-body.ts';
import { createHttpTransport } from './http-transport.ts';
import type { ImageAddress } from './image-address.ts';
import type { Variables } from './proxy.ts';
import type { Transport } from './transport.ts';

export interface ImageDownload {
  /** Environment variables for proxies and NODE_EXTRA_CA_CERTS. */
  readonly variables: Variables;
  readonly signal?: AbortSignal | undefined;
  readonly pace?: Pace;
}

/** How a page begins, and no image, packed or not. */
const PAGE = /^(?:\xef\xbb\xbf)?\s*<[!?a-z]/i;

/** Throws `image-unreachable` for what a hotel, a filter or a failing server sends with status 200 in place of a file. */
function requireNoPage(bytes: Buffer, shown: string): Buffer {
  const isPage = PAGE.test(bytes.toString('latin1', 0, 512));
  if (bytes.length > 0 && !isPage) return bytes;
  const found = isPage ? 'a page, perhaps one to sign in' : 'nothing';
  throw new SpacepackError('image-unreachable', `${shown}: expected an image, found ${found}.`, {
    remedy: 'Sign in to the network if it asks for that, check the address, and repeat the command.',
  });
}

async function fetchWhole(
  { url, shown }: ImageAddress,
  transport: Transport,
  { signal, pace = PACE }: ImageDownload,
): Promise<Buffer> {
  const answer = await transport.get({ url, signal });
  if (answer.status !== 200) {
    answer.stop();
    throw new SpacepackError('image-unreachable', `${shown}: expected status 200, found ${answer.status}.`);
  }
  const codes = { broken: 'image-unreachable', tooLong: 'image-unreachable' } as const;
  return requireNoPage(
    await readWhole(answer, { ...codes, pace, mostBytes: IMAGE_MOST_BYTES, name: shown, signal }),
    shown,
  );
}

/** A failure of the transport, which speaks of channels. */
function asOfImage(thrown: unknown): unknown {
  if (!(thrown instanceof SpacepackError) || !thrown.code.startsWith('channel-')) return thrown;
  return new SpacepackError('image-unreachable', thrown.message, { cause: thrown });
}

/**
 * Gets what is at an address into memory, as a channel gets its files: within the same bounds of size and time, through
 * the same proxies, by the same rule for redirects. It is trusted no more than a file. Rejects with `image-unreachable`,
 * `usage` for bad proxies, or `interrupted`.
 */
export async function downloadImage(address: ImageAddress, options: ImageDownload): Promise<PayloadSource> {
  const { variables, pace = PACE } = options;
  const transport = await createHttpTransport({ variables, ca: undefined, headMs: pace.windowMs });
  try {
    return memoryPayload(address.shown, await fetchWhole(address, transport, options));
  } catch (thrown) {
    throw asOfImage(thrown);
  } finally {
    await transport.close();
  }
}
