import { join } from 'node:path';
import { readIfThere, writeWhole } from '../computer/own-disk.ts';
import { isTime } from '../computer/utc-time.ts';
import { orNull, parseJson, withFields } from '../protocol/shapes.ts';

/** What a client remembers of its checks besides the metadata. `null`: there was none. */
export interface Memory {
  /**
   * The latest time that was seen, but never beyond the expiry of the metadata that was trusted then: a clock that is set
   * back does not make expired metadata valid again, and a clock that was far ahead for a while does no more harm once
   * the channel is signed anew, which its maker does every day.
   */
  readonly latest: Date | null;
  /** When the channel was last heard, by the clock of then. */
  readonly heardAt: Date | null;
  /** When a newer root was last looked for, by the clock of then. */
  readonly rootSoughtAt: Date | null;
}

const NAME = 'memory.json';
const isMemory = withFields({ latest: orNull(isTime), heardAt: orNull(isTime), rootSoughtAt: orNull(isTime) });
const dateOf = (text: string | null | undefined): Date | null => (text ? new Date(text) : null);

/** What is remembered in a channel's folder. What cannot be read counts as nothing. */
export async function loadMemory(folder: string): Promise<Memory> {
  const found = parseJson((await readIfThere(join(folder, NAME)))?.toString('utf8') ?? '', isMemory);
  return {
    latest: dateOf(found?.latest),
    heardAt: dateOf(found?.heardAt),
    rootSoughtAt: dateOf(found?.rootSoughtAt),
  };
}

const write = (folder: string, now: Memory): Promise<void> => writeWhole(join(folder, NAME), JSON.stringify(now));

/** A check that finds nothing new writes no more often than this, in ms. */
const WRITE_EVERY_MS = 3_600_000;

const isNear = (one: Date | null, other: Date | null): boolean =>
  one !== null && other !== null && Math.abs(one.getTime() - other.getTime()) < WRITE_EVERY_MS;

/** Remembers a check that ended well. */
export async function saveMemory(folder: string, before: Memory, now: Memory): Promise<void> {
  const isKnown = isNear(before.latest, now.latest) && isNear(before.heardAt, now.heardAt);
  if (isKnown && isNear(before.rootSoughtAt, now.rootSoughtAt)) return;
  await write(folder, now);
}

/** Remembers that what is trusted has expired, so that it stays expired. */
export async function rememberExpiry(folder: string, clock: Date, expiresAt: Date): Promise<void> {
  const before = await loadMemory(folder);
  const seen = clock < expiresAt ? clock : expiresAt;
  if (before.latest === null || before.latest < seen) await write(folder, { ...before, latest: seen });
}

/** The time by which it is judged what has expired: the clock's, but never earlier than a time that was seen before. */
export const judgingTime = (clock: Date, { latest }: Memory): Date =>
  latest !== null && latest > clock ? latest : clock;

/** Whether it is time to look for a newer root. A time in the future says that the clock has been set back. */
export function isRootDue(clock: Date, { rootSoughtAt }: Memory, everyMs: number): boolean {
  if (rootSoughtAt === null) return true;
  const sinceMs = clock.getTime() - rootSoughtAt.getTime();
  return sinceMs < 0 || sinceMs >= everyMs;
}
