import './linear-models.ts';
import './path-pattern.ts';
import { join } from 'node:path';
import { Metadata, MetadataKind, type Snapshot, type TargetFile, type Targets } from '@tufjs/models';
import { type Fetcher, Updater } from 'tuf-js';
import { PersistError } from 'tuf-js/dist/error.js';
import { readIfThere } from '../computer/own-disk.ts';
import { messageOf, SpacepackError } from '../protocol/errors.ts';
import { isExpiry, MOST_ROLES, readDelegated } from './delegated.ts';
import { type MetadataFetcher, NO_FETCHER } from './fetcher.ts';
import { METADATA_MOST_BYTES } from './metadata-limits.ts';
import { ROLES } from './state-folder.ts';

/** The updater's limits, as its options name them. */
const LIMITS = {
  rootMaxLength: METADATA_MOST_BYTES.root,
  timestampMaxLength: METADATA_MOST_BYTES.timestamp,
  snapshotMaxLength: METADATA_MOST_BYTES.snapshot,
  targetsMaxLength: METADATA_MOST_BYTES.list,
  maxDelegations: MOST_ROLES,
} as const;

/** The content of a folder of verified metadata. */
export interface Trusted {
  readonly targets: readonly TargetFile[];
  /** When the first of its parts expires. */
  readonly expiresAt: Date;
  /** As they were signed. */
  readonly timestamp: Uint8Array;
}

/** Addresses of a channel's parts. */
export interface Places {
  readonly metadata: string;
  readonly targets: string;
}

export const placesOf = (url: URL): Places => ({
  metadata: new URL('metadata', url).href,
  targets: new URL('targets', url).href,
});

export const timestampUrl = ({ metadata }: Places): string => `${metadata}/timestamp.json`;

/** Throws what the updater throws if the folder has no valid root. */
function createUpdater(folder: string, places: Places, fetcher: Fetcher, forceCache: boolean): Updater {
  return new Updater({
    metadataDir: folder,
    metadataBaseUrl: places.metadata,
    targetBaseUrl: places.targets,
    fetcher,
    forceCache,
    config: LIMITS,
  });
}

async function readRole(folder: string, role: string): Promise<Buffer> {
  const bytes = await readIfThere(join(folder, `${role}.json`));
  if (bytes === null) throw new TypeError(`no ${role}`);
  return bytes;
}

function earliest(signed: readonly { readonly expires: string }[]): Date {
  const times = signed.map(({ expires }) => new Date(expires).getTime());
  if (times.some(Number.isNaN)) throw new TypeError('an expiry that is not a date');
  return new Date(Math.min(...times));
}

/** What a folder of top-level metadata says. */
interface Content extends Trusted {
  readonly top: Targets;
  readonly snapshot: Snapshot;
}

/** The content of the top-level metadata in a folder; the updater verifies it. Rejects if it cannot be understood. */
async function readFolder(folder: string): Promise<Content> {
  const [root, timestamp, snapshot, list] = await Promise.all(ROLES.map((role) => readRole(folder, role)));
  const json = (bytes: Buffer | undefined) => JSON.parse(bytes?.toString('utf8') ?? '');
  const { signed: top } = Metadata.fromJSON(MetadataKind.Targets, json(list));
  const { signed: shot } = Metadata.fromJSON(MetadataKind.Snapshot, json(snapshot));
  const expiresAt = earliest([
    Metadata.fromJSON(MetadataKind.Root, json(root)).signed,
    Metadata.fromJSON(MetadataKind.Timestamp, json(timestamp)).signed,
    shot,
    top,
  ]);
  const targets = Object.values(top.targets);
  return { top, snapshot: shot, targets, expiresAt, timestamp: timestamp ?? Buffer.alloc(0) };
}

/** What a verified folder says, with what its delegated roles add. */
async function withDelegated(
  { top, snapshot, targets, ...rest }: Content,
  updater: Updater,
  { now, notice, fetcher, delegated }: Reading,
): Promise<Trusted> {
  if (!delegated) return { ...rest, targets };
  return { ...rest, targets: [...targets, ...(await readDelegated(updater, { top, snapshot, now, notice }, fetcher))] };
}

/** How metadata is read. */
export interface Reading {
  /** What has expired by then is not trusted. */
  readonly now: Date;
  readonly fetcher: Fetcher & Pick<MetadataFetcher, 'close'>;
  /** Told what is left out. */
  readonly notice: (message: string) => void;
  /** Whether the lists of delegated roles are read too. */
  readonly delegated: boolean;
}

/** The state of a folder of metadata, without contacting the channel. */
export type LocalState =
  | { readonly kind: 'valid'; readonly trusted: Trusted; readonly updater: Updater }
  | { readonly kind: 'expired'; readonly expiresAt: Date }
  /** There is none, it is incomplete, or it is not signed as its root requires. */
  | { readonly kind: 'none' };

/**
 * Verifies what is on disk from the root on, as if it had just been fetched. `fetcher` serves later downloads of
 * targets.
 */
export async function readLocal(folder: string, places: Places, reading: LocalReading): Promise<LocalState> {
  const { now, fetcher = NO_FETCHER, notice = () => {}, delegated } = reading;
  try {
    const content = await readFolder(folder);
    if (content.expiresAt <= now) return { kind: 'expired', expiresAt: content.expiresAt };
    const updater = createUpdater(folder, places, fetcher, true);
    await updater.refresh();
    const closing = { ...fetcher, close: () => {} };
    const trusted = await withDelegated(content, updater, { now, notice, delegated, fetcher: closing });
    return { kind: 'valid', trusted, updater };
  } catch {
    return { kind: 'none' };
  }
}

/** For reading what is on disk. */
export interface LocalReading extends Pick<Reading, 'now' | 'delegated'>, Partial<Pick<Reading, 'notice'>> {
  readonly fetcher?: Fetcher;
}

function refusal(thrown: unknown): SpacepackError {
  const found = messageOf(thrown);
  if (thrown instanceof PersistError) return new SpacepackError('own-disk', found, { cause: thrown });
  const code = isExpiry(thrown) ? 'channel-expired' : 'channel-untrusted';
  return new SpacepackError(code, `Expected metadata that the trust root vouches for; found: ${found}.`, {
    cause: thrown,
  });
}

/**
 * The complete TUF workflow (specification 1.0.31, §5) in a folder of metadata. Rejects with `channel-unreachable`,
 * `channel-expired`, `channel-untrusted` or `interrupted`; a newer root that was verified stays in the folder even
 * then.
 */
export async function refresh(folder: string, places: Places, reading: FreshReading): Promise<Trusted> {
  const { now, fetcher } = reading;
  let trusted: Trusted;
  try {
    const updater = createUpdater(folder, places, fetcher, false);
    await updater.refresh();
    trusted = await withDelegated(await readFolder(folder), updater, reading);
  } catch (thrown) {
    throw fetcher.failure() ?? refusal(thrown);
  }
  if (trusted.expiresAt > now) return trusted;
  const message = `Expected metadata that is still valid, found that it expired at ${trusted.expiresAt.toISOString()}.`;
  throw new SpacepackError('channel-expired', message);
}

/** For reading what a channel says now. */
export interface FreshReading extends Reading {
  readonly fetcher: MetadataFetcher;
}
