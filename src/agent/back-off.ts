import type { JournalEntry } from './journal-entry.ts';

/** How a release has fared on a device so far, as far as it matters for the next attempt. */
export type Standing =
  | { readonly kind: 'clear' }
  | { readonly kind: 'waiting'; readonly until: Date }
  /** It failed the maximum number of times: not tried again until there is a newer release or the person asks. */
  | { readonly kind: 'given-up' };

const MINUTE_MS = 60_000;
/** The pause after the device, or the connection to it, failed. */
const FAILED_MS = 60 * MINUTE_MS;
/**
 * The pause after something prevented the update before anything was committed: a program that held the volume, a low
 * battery.
 */
const REFUSED_MS = 15 * MINUTE_MS;
const MOST_FAILURES = 2;

type Relevant = Exclude<JournalEntry, { event: 'told' }>;

const isGood = (entry: Relevant): boolean =>
  entry.event === 'ended' && (entry.verdict === 'applied' || entry.verdict === 'unchanged');
const isRefused = (entry: Relevant): boolean => entry.event === 'ended' && entry.verdict === 'refused';

/** The last entry for each attempt: its end, or its beginning if no end followed. */
function lastWords(entries: readonly Relevant[]): readonly Relevant[] {
  return entries.filter((entry, index) => entry.event === 'ended' || entries[index + 1]?.event !== 'ended');
}

/** A release on a device, as the journal names them. The version counts if the file is replaced under the same name. */
export type Pair = Pick<JournalEntry, 'device' | 'release' | 'to'>;

export function isAbout(entry: JournalEntry, { device, release, to }: Pair): boolean {
  return entry.device === device && entry.release === release && entry.to === to;
}

/**
 * Where a release stands on a device. An attempt that never ended counts as a failure: it may end that way each time.
 */
export function standingOf(journal: readonly JournalEntry[], pair: Pair, now: Date): Standing {
  const own = journal.filter((entry): entry is Relevant => entry.event !== 'told' && isAbout(entry, pair));
  const words = lastWords(own);
  const since = words.slice(words.findLastIndex(isGood) + 1);
  const last = since.at(-1);
  if (last === undefined) return { kind: 'clear' };
  if (since.filter((entry) => !isRefused(entry)).length >= MOST_FAILURES) return { kind: 'given-up' };
  const pauseMs = isRefused(last) ? REFUSED_MS : FAILED_MS;
  const until = new Date(Date.parse(last.at) + pauseMs);
  // If the clock was set back, it must not wait for years.
  const isAhead = until > now && Date.parse(last.at) <= now.getTime();
  return isAhead ? { kind: 'waiting', until } : { kind: 'clear' };
}
