import { constants } from 'node:fs';
import { rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { makeOwnFolder, onOwnDisk, openRegular, readText, writeWhole } from '../computer/own-disk.ts';
import { printable } from '../protocol/printable.ts';

/** What the login item did, for people: a file that stays small. */
export interface Log {
  readonly path: string;
  /** Adds lines with the time. Never rejects: a full disk must not stop an update. */
  add(lines: readonly string[], now: Date): Promise<void>;
  /** The last lines, oldest first. */
  tail(lines: number): Promise<readonly string[]>;
}

const MOST_BYTES = 512 * 1024;
/** Where launchd puts our standard output and error: written only if we cannot even start. */
export const LAUNCHD_LOG = 'launchd.log';

const sizeOf = async (path: string): Promise<number> => (await stat(path).catch(() => null))?.size ?? 0;

/** What is in the place of a log may be a link to any other file of the user. */
const NO_LINK = constants.O_NOFOLLOW ?? 0;

/** A process that has the file open keeps writing to it, so it is copied and emptied instead of renamed. */
async function emptyLaunchdLog(folder: string): Promise<void> {
  const path = join(folder, LAUNCHD_LOG);
  if ((await sizeOf(path)) <= MOST_BYTES) return;
  const handle = await openRegular(path, constants.O_RDWR | NO_LINK);
  try {
    await writeWhole(`${path}.1`, await handle.readFile());
    await handle.truncate();
  } finally {
    await handle.close();
  }
}

async function append(path: string, text: string): Promise<void> {
  const handle = await openRegular(path, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | NO_LINK);
  try {
    await handle.appendFile(text);
  } finally {
    await handle.close();
  }
}

/** A log in a folder, with one older part next to it. */
export function createLog(folder: string, mostBytes: number = MOST_BYTES): Log {
  const path = join(folder, 'agent.log');
  const read = (file: string): Promise<string> => readText(file).catch(() => '');
  return {
    path,
    async add(lines, now) {
      try {
        await makeOwnFolder(folder);
        const text = lines.map((line) => `${now.toISOString()} ${printable(line)}\n`).join('');
        await onOwnDisk(folder, async () => {
          await emptyLaunchdLog(folder);
          if ((await sizeOf(path)) > mostBytes) await rename(path, `${path}.1`);
          await append(path, text);
        });
      } catch {
        // As said above: this must not stop an update.
      }
    },
    async tail(lines) {
      const text = `${await read(`${path}.1`)}${await read(path)}`;
      return text.split('\n').filter(Boolean).slice(-lines);
    },
  };
}
