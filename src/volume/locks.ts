import { unlinkSync } from 'node:fs';
import { readdir, readFile, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SpacepackError } from '../protocol/errors.ts';
import { systemClock } from './clock.ts';
import { errnoOf } from './errno.ts';
import type { Clock, LockStore } from './port.ts';
import { isRunning, processStart } from './process-start.ts';
import { fileNameOf, openStateFolder } from './state-directory.ts';

/** Two that come at the same moment both step back; the pause before the next try differs from one to the other. */
const TRIES = 6;
const LEAST_PAUSE_MS = 10;
const PAUSE_SPREAD_MS = 60;

/**
 * One run a device between processes of this computer's user.
 *
 * Each process lays down a file of its own, `DEVICE.PID.START.lock`, made exclusively, and only then looks for files of others.
 * Whoever finds the file of a living process takes its own away again. Because each first writes and then reads, of two that
 * overlap at least one sees the other: never do both hold the device.
 *
 * A dead holder needs no ceremony. The name of its file holds the id and the start time of its process, so no living or later
 * process has the same name, and removing the file can never hit another's lock: that is the race which a single lock file
 * has between "the holder is dead" and "remove it". A crash, at any line here, leaves but a file that the next one removes.
 */
export function createLockStore(stateDirectory: () => Promise<string>, clock: Clock = systemClock): LockStore {
  return {
    async acquire(serial) {
      const folder = await openStateFolder(await stateDirectory(), 'locks');
      const device = fileNameOf(serial);
      const own = join(folder, `${device}.${process.pid}.${(await processStart(process.pid)) ?? 'unknown'}.lock`);
      for (let left = TRIES - 1; ; left -= 1) {
        await layDown(own, serial);
        const holder = await livingHolder(folder, device, own);
        if (holder === null) return holding(own);
        await unlink(own);
        if (left === 0) throw lockedError(serial, holder);
        await clock.sleep(LEAST_PAUSE_MS + Math.random() * PAUSE_SPREAD_MS);
      }
    },
  };
}

interface Holder {
  readonly pid: number;
  /** Since when, ISO 8601; `null` if its file does not say yet. */
  readonly since: string | null;
}

async function layDown(own: string, serial: string): Promise<void> {
  const since = new Date().toISOString();
  try {
    await writeFile(own, `${since}\n`, { flag: 'wx', mode: 0o600 });
  } catch (thrown) {
    // The name holds our own process: another run inside this one has the device.
    if (errnoOf(thrown) === 'EEXIST') throw lockedError(serial, { pid: process.pid, since: await sinceOf(own) });
    throw thrown;
  }
}

async function livingHolder(folder: string, device: string, own: string): Promise<Holder | null> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const owner = ownerOf(name, device);
    if (owner === null || path === own) continue;
    if (await isAlive(owner)) return { pid: owner.pid, since: await sinceOf(path) };
    await unlink(path).catch(() => undefined);
  }
  return null;
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

function holding(own: string): () => Promise<void> {
  const drop = (): void => {
    try {
      unlinkSync(own);
    } catch {
      // Removed before, or to be removed by the next one.
    }
  };
  process.once('exit', drop);
  return async () => {
    process.off('exit', drop);
    drop();
  };
}

function lockedError(serial: string, { pid, since }: Holder): SpacepackError {
  const when = since === null ? '' : ` since ${since}`;
  return new SpacepackError('device-locked', `process ${pid} has held the device ${serial}${when}`);
}
