import type { Family } from '../protocol/family.ts';
import { PACE, type Pace } from './bounded-body.ts';
import { requireChannelUrl } from './channel-url.ts';
import type { ChannelWorld } from './channel-world.ts';
import { type ChannelView, check } from './check.ts';
import { fetchImage } from './fetch-image.ts';
import { createFileTransport } from './file-transport.ts';
import type { HttpOptions } from './http-transport.ts';
import { loadMemory } from './memory.ts';
import { openPinned } from './pin.ts';
import type { Release } from './release.ts';
import type { Transport } from './transport.ts';
import { placesOf } from './trusted.ts';

export type { ChannelView } from './check.ts';
export type { Release } from './release.ts';

export interface Channel {
  /**
   * Asks the channel what it offers. Rejects with `channel-unreachable` (if nothing is trusted from before),
   * `channel-expired`, `channel-untrusted` or `interrupted`. A release that cannot be understood is left out and
   * reported to `notice`.
   */
  check(signal?: AbortSignal): Promise<ChannelView>;
  /**
   * The path of the release's image in the cache, verified just now: its digest is the signed one, and it is the image
   * that the release describes. Downloaded, or the download resumed, if it is not there. Rejects with
   * `download-failed`, `channel-unreachable`, `channel-untrusted`, `channel-expired`, `channel-malformed` or
   * `interrupted`.
   */
  download(release: Release, signal?: AbortSignal): Promise<string>;
  /** When a check last ended well, by the clock of then; `null`: none has. */
  heardAt(): Promise<Date | null>;
}

export interface ChannelOptions {
  /** Address of the folders `metadata` and `targets`: http, https or file. */
  readonly url: string;
  /** The families whose releases are understood. */
  readonly families: readonly Family[];
  /** For the trusted metadata of this one channel; created if missing, for this user only. */
  readonly directory: string;
  /** For images; created if missing, for this user only. */
  readonly cache: string;
  /** Pins the trust root. Later it is read from `directory`, where it follows the channel's key changes. */
  readonly root?: Uint8Array | undefined;
  /** A time that also decides what has expired, besides the computer's clock. */
  readonly date?: () => Date;
  /** Receives what people should know but nothing depends on. */
  readonly notice?: (message: string) => void;
  /** File with the certificates of a private authority, PEM, trusted in addition to the usual ones. */
  readonly ca?: string | undefined;
  /** Environment variables for proxies and NODE_EXTRA_CA_CERTS; default: the process's. */
  readonly variables?: Readonly<Record<string, string | undefined>>;
  readonly pace?: Pace;
  /** By then a check has asked all that it asks, in ms. */
  readonly checkMs?: number;
  /** How often a newer root is looked for although the timestamp is the same, in ms; 0: in each check. */
  readonly rootEveryMs?: number;
}

/** A list of the greatest length still arrives over a bad line. */
const CHECK_MS = 300_000;
/** A stolen key that a new root revokes can withhold the change of the timestamp no longer than this. */
const ROOT_EVERY_MS = 24 * 3_600_000;

/**
 * The transport to a channel. The code for servers is loaded only for a server. Rejects with `usage` for bad
 * certificates or proxies.
 */
async function openTransport(url: URL, options: HttpOptions): Promise<Transport> {
  if (url.protocol === 'file:') return createFileTransport();
  const { createHttpTransport } = await import('./http-transport.ts');
  return createHttpTransport(options);
}

/** Opens a channel without contacting it. Rejects with `usage` or `channel-untrusted`. */
export async function openChannel(options: ChannelOptions): Promise<Channel> {
  const { families, directory, cache, root, ca, variables = process.env, pace = PACE } = options;
  const url = requireChannelUrl(options.url);
  await openPinned(directory, root);
  const world: ChannelWorld = {
    families,
    places: placesOf(url),
    directory,
    cache,
    date: options.date ?? (() => new Date()),
    notice: options.notice ?? (() => {}),
    delegated: true,
    pace,
    checkMs: options.checkMs ?? CHECK_MS,
    rootEveryMs: options.rootEveryMs ?? ROOT_EVERY_MS,
    async withTransport(work) {
      const transport = await openTransport(url, { variables, ca, headMs: pace.windowMs });
      try {
        return await work(transport);
      } finally {
        await transport.close();
      }
    },
  };
  return {
    check: (signal) => check(world, signal),
    download: (release, signal) => fetchImage(world, release, signal),
    heardAt: async () => (await loadMemory(directory)).heardAt,
  };
}
