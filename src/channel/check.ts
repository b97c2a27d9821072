import { systemClock } from '../computer/clock.ts';
import { within } from '../computer/within.ts';
import { SpacepackError } from '../protocol/errors.ts';
import type { ChannelWorld } from './channel-world.ts';
import { createMetadataFetcher } from './fetcher.ts';
import { glance, saveEtag } from './glance.ts';
import { isRootDue, judgingTime, loadMemory, type Memory, rememberExpiry, saveMemory } from './memory.ts';
import type { Release } from './release.ts';
import { adoptAll, adoptPart, type StateCopy, withCopy } from './state-folder.ts';
import { releasesOf } from './target.ts';
import type { Transport } from './transport.ts';
import { readLocal, refresh, type Trusted, timestampUrl } from './trusted.ts';

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

type Asked = Pick<ChannelView, 'freshness'> & { readonly trusted: Trusted };

/** What a client has and remembers before it asks. */
interface Before {
  readonly memory: Memory;
  readonly clock: Date;
  /** By which it is judged what has expired. */
  readonly now: Date;
  /** The last whole edition; `null`: there is none that is valid, or a newer part of one was seen. */
  readonly seen: Trusted | null;
  readonly leftOut: readonly string[];
}

async function lookBack({ directory, places, date, delegated }: ChannelWorld, copy: StateCopy): Promise<Before> {
  const memory = await loadMemory(directory);
  const [clock, now] = [date(), judgingTime(date(), memory)];
  const leftOut: string[] = [];
  const notice = (message: string): void => void leftOut.push(message);
  const local = copy.isAhead ? null : await readLocal(copy.path, places, { now, delegated, notice });
  if (local?.kind === 'expired') await rememberExpiry(directory, clock, local.expiresAt);
  return { memory, clock, now, seen: local?.kind === 'valid' ? local.trusted : null, leftOut };
}

/**
 * Asks, and adopts what is new. At least every `rootEveryMs` in the order of TUF, the root first; in between for the
 * timestamp first, and for nothing else if it is the same. What the glance fetched is not requested again.
 */
async function ask(
  world: ChannelWorld,
  transport: Transport,
  copy: StateCopy,
  signal: AbortSignal | undefined,
): Promise<Asked> {
  const { directory, places, pace, rootEveryMs, notice, delegated } = world;
  const { memory, clock, now, seen, leftOut } = await lookBack(world, copy);
  const isDue = isRootDue(clock, memory, rootEveryMs);
  const said = isDue ? null : await glance(world, transport, seen, signal);
  const heard = { latest: now, heardAt: clock };
  if (said?.kind === 'same' && seen !== null) {
    await saveMemory(directory, memory, { ...heard, rootSoughtAt: memory.rootSoughtAt });
    for (const message of leftOut) notice(message);
    return { freshness: 'unchanged', trusted: seen };
  }
  const url = timestampUrl(places);
  const known = said?.kind === 'other' ? { known: { url, bytes: said.bytes, etag: said.etag } } : {};
  const fetcher = createMetadataFetcher({ transport, signal, pace, ...known });
  const trusted = await refresh(copy.path, places, { now, fetcher, notice, delegated });
  await adoptAll(directory, copy);
  await saveEtag(directory, url, fetcher.etag(url));
  await saveMemory(directory, memory, { ...heard, rootSoughtAt: clock });
  const isSame = seen !== null && Buffer.from(seen.timestamp).equals(trusted.timestamp);
  return { freshness: isSame ? 'unchanged' : 'fetched', trusted };
}

/** Without an answer, what the channel last said counts until it expires. */
async function rely(
  { directory, places, date, notice, delegated }: ChannelWorld,
  failure: SpacepackError,
): Promise<Trusted> {
  const now = judgingTime(date(), await loadMemory(directory));
  const state = await withCopy(directory, 'whole', ({ path }) => readLocal(path, places, { now, delegated, notice }));
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
