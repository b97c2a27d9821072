import { constants } from 'node:fs';
import { type FileHandle, lstat, open as openFile } from 'node:fs/promises';
import { errnoOf } from './errno.ts';

/**
 * From <sys/fcntl.h> on macOS and the BSDs: opens a file and takes the lock of flock(2) in one step; node has no name
 * for it.
 */
const O_EXLOCK = 0x20;
const TAKE =
  constants.O_RDWR | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0) | O_EXLOCK;
const LOOK = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
/**
 * All users share the lock, so each must be able to open a file that another left. The umask removes bits, so the mode
 * is set again.
 */
const MODE = 0o666;
const INTRODUCTION_BYTES = 256;

export type Open = (path: string, flags: number, mode?: number) => Promise<FileHandle>;

/**
 * Takes a lock by opening a file exclusively. The system releases it when its process ends. The file stays: removing it
 * would let two processes hold two files of one name. Resolves with a function that gives the lock back, or `null` if
 * somebody else has it; rejects with the system's error, with `EINVAL` for a pipe or a device in its place, and with
 * `EMLINK` for another file's second name: any user may have put it there.
 */
export async function takeByFile(
  path: string,
  introduction: string,
  open: Open = openFile,
): Promise<(() => Promise<void>) | null> {
  let handle: FileHandle;
  try {
    handle = await open(path, TAKE, MODE);
  } catch (thrown) {
    if (errnoOf(thrown) === 'EAGAIN') return null;
    throw thrown;
  }
  try {
    await requireLockFile(handle, path);
  } catch (thrown) {
    await handle.close();
    throw thrown;
  }
  // Only the owner may change the mode. The introduction is optional; writing it also keeps /tmp cleaners away.
  await handle.chmod(MODE).catch(() => undefined);
  await handle.truncate(0).catch(() => undefined);
  await handle.write(introduction, 0).catch(() => undefined);
  return () => handle.close();
}

/** Before anything is changed: it may be a file that belongs to this very user, and everything in it would be lost. */
async function requireLockFile(handle: FileHandle, path: string): Promise<void> {
  const held = await handle.stat();
  // No manual says whether a pipe can be locked at all.
  if (!held.isFile()) throw Object.assign(new Error('expected a regular file'), { code: 'EINVAL' });
  // Looked at by its name, because a name that was taken away again no longer counts in what was opened.
  const { dev, ino, nlink } = await lstat(path);
  if (dev === held.dev && ino === held.ino && nlink === 1) return;
  throw Object.assign(new Error('expected a file with one name'), { code: 'EMLINK' });
}

/** What the holder wrote into the file; '' if it cannot be read. */
export async function readHolder(path: string, open: Open = openFile): Promise<string> {
  try {
    const handle = await open(path, LOOK);
    try {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(INTRODUCTION_BYTES), 0, INTRODUCTION_BYTES, 0);
      return buffer.toString('utf8', 0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch {
    return '';
  }
}
