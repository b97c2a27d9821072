import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { onTestFinished } from 'vitest';

/** Files of the folder SPACEPAK, which whoever prepared a card can replace. */
export const CARD_FILES = ['INFO.TXT', 'STATUS.TXT', 'UPDATE.BIN', 'UPDATE.TRG'] as const;

/** Puts something at a path where a file is expected; `victim` is a file of the user. */
export type Plant = (path: string, victim: string) => void | Promise<void>;

/** What takes the place of a file, by name. */
export const PLANTS: Readonly<Record<string, Plant>> = {
  'a link to a file of the user': (path, victim) => symlinkSync(victim, path),
  'a link to a file that is not there': (path, victim) => symlinkSync(`${victim}.new`, path),
  'a link to itself': (path) => symlinkSync(path, path),
  'a link to a terminal': (path) => symlinkSync('/dev/tty', path),
  'a link to zeros without end': (path) => symlinkSync('/dev/zero', path),
  'a link to a folder': (path) => symlinkSync('/', path),
  'a pipe': (path) => void execFileSync('mkfifo', [path]),
  'a socket': async (path) => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(path, resolve));
    onTestFinished(() => void server.close());
  },
  'a folder': (path) => void mkdirSync(`${path}/more`, { recursive: true }),
};

/** Regular files that are not what they should be; what they hold is judged by the family, not by the port. */
export const ODD_FILES: Readonly<Record<string, Plant>> = {
  'an empty file': (path) => writeFileSync(path, ''),
  'a file of four gigabytes': (path) => {
    writeFileSync(path, '');
    truncateSync(path, 2 ** 32 - 1);
  },
  'another name of a file on the card': (path) => {
    writeFileSync(`${path}.other`, 'other');
    linkSync(`${path}.other`, path);
  },
};

/** Replaces whatever is at a path. */
export async function plant(what: Plant, path: string, victim: string): Promise<void> {
  rmSync(path, { recursive: true, force: true });
  await what(path, victim);
}
