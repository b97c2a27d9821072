import { join } from 'node:path';
import { readText, removeOwn, writeWhole } from '../computer/own-disk.ts';
import { isTime } from '../computer/utc-time.ts';
import { parseJson, withFields } from '../protocol/shapes.ts';
import { type Diagnosis, diagnosis } from './diagnosis.ts';

/** Far longer than the longest run: the updates of several devices, and the questions about them. */
export const TOO_LONG_MS: number = 12 * 3_600_000;

const NAME = 'under-way.json';
const isSince = withFields({ since: isTime });

/** Since when each run has found another one under way; `null`: the last one did not. */
export async function underWaySince(folder: string): Promise<Date | null> {
  const found = parseJson(await readText(join(folder, NAME)).catch(() => ''), isSince);
  return found === null ? null : new Date(found.since);
}

/** Notes that a run found another one under way, and returns since when each has. */
export async function noteUnderWay(folder: string, now: Date): Promise<Date> {
  const since = await underWaySince(folder);
  // A time in the future is that of a clock that was set back.
  if (since !== null && since <= now) return since;
  await writeWhole(join(folder, NAME), JSON.stringify({ since: now.toISOString() }));
  return now;
}

/** Notes that a run had its turn. */
export async function clearUnderWay(folder: string): Promise<void> {
  if ((await underWaySince(folder)) !== null) await removeOwn(join(folder, NAME));
}

export const isTooLong = (since: Date, now: Date): boolean => now.getTime() - since.getTime() >= TOO_LONG_MS;

export const UNDER_WAY_REMEDY =
  'Run `spacepack doctor`: it says which process holds `agent:run`. If no device is being updated, end that process.';

/** What is wrong if no run has had its turn for too long. */
export async function underWayDiagnoses(folder: string, now: Date): Promise<readonly Diagnosis[]> {
  const since = await underWaySince(folder);
  if (since === null || !isTooLong(since, now)) return [];
  const message = `Another run of the login item has been under way since ${since.toISOString()} or longer, so none has had its turn.`;
  return [diagnosis('broken', message, UNDER_WAY_REMEDY)];
}
