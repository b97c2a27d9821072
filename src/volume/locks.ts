import { unlinkSync } from 'node:fs';
import { readdir, readFile, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf } from '../errno.ts';
import { SpacepackError } from '../protocol/errors.ts';
import { systemClock } from './clock.ts';
import type { Clock, LockStore } from './port.ts';
import { isRunning, processStart } from './process-start.ts';
import { fileNameOf, openStateFolder } from './state-directory.ts';

/** How long to wait for a younger contender to step back, in ms and in looks: its next line does it. */
const LOOK_MS = 10;
const MOST_LOOKS = 200;

/**
 * One run a device between processes of this computer's user.
 *
 * Each process lays down a file of its own, `DEVICE.PID.START.lock`, made exclusively, and only then looks for files of others.
 * Because each first writes and then reads, of two that overlap at least one sees the other. Whoever sees one that holds the
 * device (its file says since when) steps back. Of those that only contend, the one with the lesser name stays and waits until
 * the others have stepped back, or have turned out to hold it, not having seen this one: so one gets it, and never two.
 *
 * A dead holder needs no ceremony. The name of its file holds the id and the start time of its process, so no living or later
 * process has the same name, and removing the file can never hit another's lock: that is the race which a single lock file
 * has between "the holder is dead" and "remove it". A crash, at any line here, leaves but a file that the next one removes.
 */
export function createLockStore(
  stateDirectory: () => Promise<string>,
  clock: Clock = systemClock,
  pid: number = process.pid,
): LockStore {
  return {
    async acquire(serial) {
      const folder = await openStateFolder(await stateDirectory(), 'locks');
      const device = await fileNameOf(serial);
      const own = `${device}.${pid}.${(await processStart(pid)) ?? 'unknown'}.lock`;
      const path = join(folder, own);
      await layDown(path, serial, pid);
      try {
        await prevail(folder, device, own, serial, clock);
        await writeFile(path, `${new Date().toISOString()}\n`);
      } catch (thrown) {
        await unlink(path);
        throw thrown;
      }
      return holding(path);
    },
  };
}

/** Resolves when nobody else has, or contends for, the device. Rejects with `device-locked`. */
async function prevail(folder: string, device: string, own: string, serial: string, clock: Clock): Promise<void> {
  for (let left = MOST_LOOKS; ; left -= 1) {
    const others = await livingHolders(folder, device, own);
    if (others.length === 0) return;
    const stronger =
      others.find(({ since, name }) => since !== null || name < own) ?? (left === 0 ? others[0] : undefined);
    if (stronger !== undefined) throw lockedError(serial, stronger);
    await clock.sleep(LOOK_MS);
  }
}

interface Holder {
  readonly name: string;
  readonly pid: number;
  /** Since when it holds the device, ISO 8601; `null` while it contends for it. */
  readonly since: string | null;
}

async function layDown(path: string, serial: string, pid: number): Promise<void> {
  try {
    await writeFile(path, '', { flag: 'wx', mode: 0o600 });
  } catch (thrown) {
    // The name holds our own process: another run inside this one has the device.
    if (errnoOf(thrown) === 'EEXIST') throw lockedError(serial, { name: path, pid, since: await sinceOf(path) });
    throw thrown;
  }
}

async function livingHolders(folder: string, device: string, own: string): Promise<readonly Holder[]> {
  const living: Holder[] = [];
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const owner = ownerOf(name, device);
    if (owner === null || name === own) continue;
    if (await isAlive(owner)) living.push({ name, pid: owner.pid, since: await sinceOf(path) });
    else await unlink(path).catch(() => undefined);
  }
  return living;
}

function ownerOf(name: string, device: string): { pid: number; start: string } | null {
  if (!name.startsWith(`${device}.`)) return null;
  const found = /^\.(\d+)\.([A-Za-z0-9-]+)\.lock$/.exec(name.slice(device.length));
  const [, pid, start] = found ?? [];
  return pid === undefined || start === undefined ? null : { pid: Number(pid), start };
}

async function isAlive({ pid, start }: { pid: number; start: string }): Promise<boolean> {
  if (!isRunning(pid)) return false;
  const now = await processStart(pid);
  // Where the system does not tell, a living process of that id has to be believed.
  return now === null || start === 'unknown' || now === start;
}

async function sinceOf(path: string): Promise<string | null> {
  const text = (await readFile(path, 'utf8').catch(() => '')).trim();
  return /^\d{4}-[\d:.TZ-]+$/.test(text) ? text : null;
}

/** The files of all locks that this process holds: one listener at its exit removes them, however many devices it serves. */
const held = new Set<string>();

function holding(path: string): () => Promise<void> {
  if (held.size === 0) process.once('exit', dropAll);
  held.add(path);
  return async () => {
    drop(path);
    if (held.size === 0) process.off('exit', dropAll);
  };
}

function dropAll(): void {
  for (const path of held) drop(path);
}

function drop(path: string): void {
  held.delete(path);
  try {
    unlinkSync(path);
  } catch {
    // Removed before, or to be removed by the next one.
  }
}

function lockedError(serial: string, { pid, since }: Holder): SpacepackError {
  const when = since === null ? '' : ` since ${since}`;
  return new SpacepackError('device-locked', `process ${pid} has held the device ${serial}${when}`);
}
