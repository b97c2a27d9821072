import { constants } from 'node:fs';
import { readdir, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf } from '../computer/errno.ts';
import { onOwnDisk, openOwn, readOwnIfThere } from '../computer/own-disk.ts';
import { type JournalEntry, parseEntry } from './journal-entry.ts';

/** What was told and tried on this computer, in order. It only grows, until the oldest parts are dropped. */
export interface Journal {
  /** Durable before it resolves. */
  append(entry: JournalEntry): Promise<void>;
  /** Oldest first. Lines that cannot be understood are skipped. Rejects if it cannot be read, or others could write it. */
  entries(): Promise<readonly JournalEntry[]>;
}

export interface JournalLimits {
  /** A file that has grown beyond this is set aside, and a new one is started. */
  readonly fileBytes: number;
  /** How many files that were set aside are kept. */
  readonly keptFiles: number;
}

/** Thousands of attempts, enough for years. */
const USUAL_LIMITS: JournalLimits = { fileBytes: 512 * 1024, keptFiles: 3 };
const CURRENT = 'journal.ndjson';
const ASIDE = /^journal\.(\d{13,15})\.ndjson$/;

/** A journal with one JSON object per line, in a folder that the caller creates, for this user only. */
export function createJournal(folder: () => Promise<string>, limits: JournalLimits = USUAL_LIMITS): Journal {
  return {
    async append(entry) {
      const place = await folder();
      const size = await onOwnDisk(place, () => appendLine(join(place, CURRENT), JSON.stringify(entry)));
      if (size > limits.fileBytes) await onOwnDisk(place, () => setAside(place, limits.keptFiles));
    },
    async entries() {
      const place = await folder();
      const texts = await Promise.all(
        [...(await onOwnDisk(place, () => asideIn(place))), CURRENT].map((name) => textOf(join(place, name))),
      );
      return texts.flatMap((text) => text.split('\n').flatMap((line) => parseEntry(line) ?? []));
    },
  };
}

async function textOf(path: string): Promise<string> {
  return (await readOwnIfThere(path))?.toString('utf8') ?? '';
}

async function appendLine(path: string, line: string): Promise<number> {
  const handle = await openOwn(path, constants.O_RDWR | constants.O_APPEND | constants.O_CREAT);
  try {
    const { size } = await handle.stat();
    const last = Buffer.alloc(1);
    if (size > 0) await handle.read(last, 0, 1, size - 1);
    // A line that a crash cut off must not swallow this one.
    const start = size > 0 && last.toString() !== '\n' ? '\n' : '';
    await handle.appendFile(`${start}${line}\n`);
    await handle.sync();
    return (await handle.stat()).size;
  } finally {
    await handle.close();
  }
}

async function asideIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder);
  return names.filter((name) => ASIDE.test(name)).sort();
}

/** Under a unique name: if two processes do this at once, neither takes the other's file. */
async function setAside(folder: string, kept: number): Promise<void> {
  const name = `journal.${String(Date.now()).padStart(13, '0')}.ndjson`;
  try {
    await rename(join(folder, CURRENT), join(folder, name));
  } catch (thrown) {
    if (errnoOf(thrown) !== 'ENOENT') throw thrown;
  }
  const old = (await asideIn(folder)).slice(0, -kept);
  for (const each of old) await unlink(join(folder, each)).catch(() => undefined);
}
