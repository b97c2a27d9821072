import type { Stats } from 'node:fs';
import { type FileHandle, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { closeOwn, onOwnDisk, openRegular } from '../computer/own-disk.ts';
import { SpacepackError } from '../protocol/errors.ts';
import type { PayloadSource } from './payload.ts';

/** Large enough to keep a disk busy, small enough to stay in the processor's cache during hashing. */
const CHUNK_BYTES = 256 * 1024;

const FOUND: Readonly<Record<string, string>> = {
  ENOENT: 'no file of that name',
  ENOTDIR: 'a file in place of a folder in its path',
  EACCES: 'no permission to read it',
  EPERM: 'no permission to read it',
  ELOOP: 'links that lead to each other',
  EIO: 'a read error',
};

function unreadable(path: string, thrown: unknown): SpacepackError {
  if (thrown instanceof SpacepackError) return thrown;
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : String(thrown);
  const message = `${path}: expected a file that can be read, found ${FOUND[code] ?? code}.`;
  return new SpacepackError('image-unreadable', message, { cause: thrown });
}

function requireUnchanged(path: string, first: Stats, now: Stats): void {
  if (now.size === first.size && now.mtimeMs === first.mtimeMs) return;
  const tell = ({ size, mtime }: Stats): string => `${size} bytes of ${mtime.toISOString()}`;
  throw new SpacepackError('image-changed', `${path}: expected ${tell(first)} as before, found ${tell(now)}.`);
}

/**
 * The image in a file. Rejects with `image-unreadable` if there is none, or if it is not a regular file: what cannot be
 * read twice cannot be checked first and then written.
 */
export async function openPayload(path: string): Promise<PayloadSource> {
  const first = await onOwnDisk(dirname(path), () => stat(path)).catch((thrown: unknown) =>
    Promise.reject(unreadable(path, thrown)),
  );
  // The process may change its working folder, which relative paths start from.
  const absolute = resolve(path);
  if (!first.isFile()) {
    const found = first.isDirectory() ? 'a folder' : 'something else';
    throw new SpacepackError('image-unreadable', `${path}: expected a regular file, found ${found}.`);
  }
  return { name: path, sizeBytes: first.size, read: () => readFile(absolute, first) };
}

async function* readFile(path: string, first: Stats): AsyncGenerator<Uint8Array> {
  try {
    const handle = await openRegular(path);
    try {
      requireUnchanged(path, first, await onOwnDisk(dirname(path), () => handle.stat()));
      yield* readAhead(path, handle, first.size);
      requireUnchanged(path, first, await onOwnDisk(dirname(path), () => handle.stat()));
    } finally {
      await closeOwn(handle);
    }
  } catch (thrown) {
    throw unreadable(path, thrown);
  }
}

/** Reads into one buffer while the other is in use. Ends early if the file does. */
async function* readAhead(path: string, handle: FileHandle, sizeBytes: number): AsyncGenerator<Uint8Array> {
  let [current, next] = [Buffer.allocUnsafeSlow(CHUNK_BYTES), Buffer.allocUnsafeSlow(CHUNK_BYTES)];
  let offset = 0;
  const start = (buffer: Buffer): Promise<{ bytesRead: number }> => {
    const length = Math.min(CHUNK_BYTES, sizeBytes - offset);
    const reading = onOwnDisk(dirname(path), () => handle.read(buffer, 0, length, offset));
    // Nothing awaits it until the next chunk is requested; until then its failure must not count as unhandled.
    reading.catch(() => {});
    return reading;
  };
  let reading = start(current);
  try {
    while (offset < sizeBytes) {
      const { bytesRead } = await reading;
      if (bytesRead === 0) return;
      offset += bytesRead;
      const chunk = current.subarray(0, bytesRead);
      [current, next] = [next, current];
      if (offset < sizeBytes) reading = start(current);
      yield chunk;
    }
  } finally {
    // The file must stay open, and the buffer in use, until a read in progress has ended.
    await reading.catch(() => {});
  }
}
