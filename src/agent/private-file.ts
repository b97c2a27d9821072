import { randomBytes } from 'node:crypto';
import { mkdir, open, realpath, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errnoOf } from '../volume/errno.ts';

/** For its owner alone. */
const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;

/** Makes a folder and those above it, where they are missing, for this user only. */
export async function makePrivateFolder(path: string): Promise<string> {
  await mkdir(path, { recursive: true, mode: FOLDER_MODE });
  return path;
}

/** Replaces a file as a whole, durable: whoever reads it sees the old or the new one. For its owner only, but for another mode. */
export async function writeOwnFile(
  path: string,
  content: string | Uint8Array,
  mode: number = FILE_MODE,
): Promise<void> {
  await makePrivateFolder(dirname(path));
  // A link to the file, as people keep who share their settings between computers, stays one.
  const target = await realpath(path).catch(() => path);
  const temporary = `${target}.${process.pid}-${randomBytes(4).toString('hex')}`;
  const handle = await open(temporary, 'wx', mode);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, target);
}

/** Removes a file, if it is there. */
export async function removeFile(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (thrown) {
    if (errnoOf(thrown) !== 'ENOENT') throw thrown;
  }
}
