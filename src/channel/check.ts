import { join } from 'node:path';
import { systemClock } from '../computer/clock.ts';
import { readIfThere, writeWhole } from '../computer/own-disk.ts';
import { within } from '../computer/within.ts';
import { SpacepackError } from '../protocol/errors.ts';
import { isText, parseJson, textLike, withFields } from '../protocol/shapes.ts';
import type { ChannelWorld } from './channel-world.ts';
import { createMetadataFetcher, readMetadata } from './fetcher.ts';
import { isRootDue, judgingTime, loadMemory, type Memory, rememberExpiry, saveMemory } from './memory.ts';
import type { Release } from './release.ts';
import { adoptAll, adoptPart, type StateCopy, withCopy } from './state-folder.ts';
import { releasesOf } from './target.ts';
import type { Transport } from './transport.ts';
import { readLocal, refresh, TIMESTAMP_MOST_BYTES, type Trusted, timestampUrl } from './trusted.ts';

/** What a channel offers, all of it vouched for by the trust root. */
export interface ChannelView {
  readonly releases: readonly Release[];
  /**
   * `unchanged`: the channel says the same as before. `offline`: it could not be reached; this is what it last said,
   * trusted until `expiresAt`.
   */
  readonly freshness: 'fetched' | 'unchanged' | 'offline';
  readonly expiresAt: Date;
  /** How many requests the check took. */
  readonly requests: number;
}

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
async function saveEtag(folder: string, url: string, etag: string | null): Promise<void> {
  await writeWhole(join(folder, ETAG_FILE), JSON.stringify({ url, etag }));
}

/** What the server said when asked for the timestamp only. */
type Glance =
  | { readonly kind: 'same' }
  | { readonly kind: 'other'; readonly bytes: Buffer; readonly etag: string | null };

/** One small request: is the timestamp still the trusted one, byte for byte? */
async function glance(
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
    const bytes = await readMetadata(answer, { pace, mostBytes: TIMESTAMP_MOST_BYTES, name, signal });
    if (seen === null || !bytes.equals(seen.timestamp)) return { kind: 'other', bytes, etag: answer.etag };
    if (answer.etag !== known) await saveEtag(directory, name, answer.etag);
    return { kind: 'same' };
  } finally {
    answer.stop();
  }
}

type Asked = Pick<ChannelView, 'freshness'> & { readonly trusted: Trusted };

/**
 * Asks, and adopts what is new. The timestamp is asked for first, and nothing else if it is the same, as TUF allows to
 * do less often than it is published; but a newer root is looked for at least every `rootEveryMs` all the same. What
 * the glance fetched is not requested again.
 */
async function ask(
  world: ChannelWorld,
  transport: Transport,
  copy: StateCopy,
  signal: AbortSignal | undefined,
): Promise<Asked> {
  const { directory, places, pace, date, rootEveryMs, notice, delegated = true } = world;
  const before = await loadMemory(directory);
  const [clock, now] = [date(), judgingTime(date(), before)];
  const leftOut: string[] = [];
  const keep = (message: string): void => void leftOut.push(message);
  const local = copy.isAhead ? null : await readLocal(copy.path, places, { now, delegated, notice: keep });
  if (local?.kind === 'expired') await rememberExpiry(directory, clock, local.expiresAt);
  const seen = local?.kind === 'valid' ? local.trusted : null;
  const said = await glance(world, transport, seen, signal);
  const memory: Memory = { latest: now, heardAt: clock, rootSoughtAt: clock };
  const isSame = said.kind === 'same' && seen !== null;
  if (isSame && !isRootDue(clock, before, rootEveryMs)) {
    await saveMemory(directory, before, { ...memory, rootSoughtAt: before.rootSoughtAt });
    for (const message of leftOut) notice(message);
    return { freshness: 'unchanged', trusted: seen };
  }
  const url = timestampUrl(places);
  const bytes = said.kind === 'other' ? said.bytes : (seen?.timestamp ?? null);
  const fetcher = createMetadataFetcher({ transport, signal, pace, ...(bytes !== null && { known: { url, bytes } }) });
  const trusted = await refresh(copy.path, places, { now, fetcher, notice, delegated });
  await adoptAll(directory, copy);
  if (said.kind === 'other') await saveEtag(directory, url, said.etag);
  await saveMemory(directory, before, memory);
  return { freshness: isSame ? 'unchanged' : 'fetched', trusted };
}

/** Without an answer, what the channel last said counts until it expires. */
async function rely({ directory, places, date, notice }: ChannelWorld, failure: SpacepackError): Promise<Trusted> {
  const now = judgingTime(date(), await loadMemory(directory));
  const state = await withCopy(directory, 'whole', ({ path }) => readLocal(path, places, { now, notice }));
  if (state.kind === 'none') throw failure;
  if (state.kind === 'expired') {
    await rememberExpiry(directory, date(), state.expiresAt);
    const message = `${failure.message} What it last said expired at ${state.expiresAt.toISOString()}.`;
    throw new SpacepackError('channel-expired', message, { cause: failure });
  }
  notice(`${failure.message} What it last said is used, valid until ${state.trusted.expiresAt.toISOString()}.`);
  return state.trusted;
}

/** Whatever hangs, the question is over after its time. */
async function askInTime(world: ChannelWorld, transport: Transport, signal: AbortSignal | undefined): Promise<Asked> {
  const { directory, checkMs } = world;
  const over = new AbortController();
  const ended = signal === undefined ? over.signal : AbortSignal.any([signal, over.signal]);
  const work = withCopy(directory, 'newest', async (copy) => {
    try {
      return await ask(world, transport, copy, ended);
    } catch (thrown) {
      await adoptPart(directory, copy);
      throw thrown;
    }
  });
  try {
    return await within(systemClock, checkMs, 'Asking the channel', work, { code: 'channel-unreachable' });
  } finally {
    over.abort();
  }
}

/** `Channel.check`. */
export function check(world: ChannelWorld, signal: AbortSignal | undefined): Promise<ChannelView> {
  const { notice } = world;
  return world.withTransport(async (transport) => {
    const view = (trusted: Trusted, freshness: ChannelView['freshness']): ChannelView => ({
      releases: releasesOf(trusted.targets, notice),
      freshness,
      expiresAt: trusted.expiresAt,
      requests: transport.requests(),
    });
    try {
      const { trusted, freshness } = await askInTime(world, transport, signal);
      return view(trusted, freshness);
    } catch (thrown) {
      if (!(thrown instanceof SpacepackError) || thrown.code !== 'channel-unreachable') throw thrown;
      return view(await rely(world, thrown), 'offline');
    }
  });
}
