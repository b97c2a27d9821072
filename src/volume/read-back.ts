import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { Clock } from '../computer/clock.ts';
import { errnoOf } from '../computer/errno.ts';
import { runProgram } from '../computer/run-program.ts';
import { closeSoon } from '../computer/within.ts';
import { alignedBuffers } from './aligned.ts';
import { fill } from './fill.ts';
import { foreign } from './folder.ts';
import type { FilePart, PartRead, ReadBackKind } from './port.ts';
import type { Call } from './verb.ts';

/** What a file holds: SHA-256 in lower-case hexadecimal digits, and its size in bytes. */
export interface Digest {
  readonly kind: ReadBackKind;
  readonly sha256: string;
  readonly sizeBytes: number;
}

/** Bytes per request: large enough that the device, not the request, sets the pace. */
const READ_BYTES = 1024 * 1024;
const PROBE_BYTES = 64 * 1024;
const BLOCK_BYTES = 4096;
const READ_ONLY = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/**
 * Hashes a regular file from the medium as far as the system allows without remounting: O_DIRECT on Linux, else after
 * dropping its cached pages, else through the cache (`cached`). `call` limits each call. Rejects with `volume-stalled`,
 * `volume-foreign`, and the system's errors.
 */
export async function digestFile(
  path: string,
  call: Call,
  clock: Clock,
  onBytes?: (bytes: number) => void,
): Promise<Digest> {
  const { handle, kind } = await openPastCache(path, clock, call);
  try {
    if (!(await call(() => handle.stat())).isFile()) throw foreign(path, 'a regular file');
    return { kind, ...(await hash(handle, call, onBytes)) };
  } finally {
    await closeSoon(clock, handle);
  }
}

/** Reads part of a regular file from the medium, as `digestFile` does. Rejects as it does. */
export async function readPastCache(
  path: string,
  { offset, lengthBytes }: FilePart,
  call: Call,
  clock: Clock,
): Promise<Pick<PartRead, 'kind'> & { readonly bytes: Uint8Array }> {
  const { handle, kind } = await openPastCache(path, clock, call);
  try {
    const found = await call(() => handle.stat());
    if (!found.isFile()) throw foreign(path, 'a regular file');
    // O_DIRECT needs positions and lengths that are multiples of a block.
    const skipped = offset % BLOCK_BYTES;
    const wanted = Math.min(lengthBytes, Math.max(found.size - offset, 0));
    const wholeBytes = Math.ceil((skipped + wanted) / PROBE_BYTES) * PROBE_BYTES;
    const [buffer] = alignedBuffers(1, wholeBytes);
    if (buffer === undefined || wanted === 0) return { kind, bytes: new Uint8Array() };
    const filled = await fill(handle, buffer, offset - skipped, found.size, call);
    return { kind, bytes: filled.slice(skipped, skipped + wanted) };
  } finally {
    await closeSoon(clock, handle);
  }
}

async function openPastCache(
  path: string,
  clock: Clock,
  call: Call,
): Promise<{ handle: FileHandle; kind: ReadBackKind }> {
  if (process.platform !== 'linux') return { handle: await opened(path, READ_ONLY, call), kind: 'cached' };
  const direct = await openDirect(path, clock, call);
  if (direct !== null) return { handle: direct, kind: 'direct' };
  const handle = await opened(path, READ_ONLY, call);
  return { handle, kind: (await dropCachedPages(handle)) ? 'uncached' : 'cached' };
}

function opened(path: string, flags: number, call: Call): Promise<FileHandle> {
  return call(
    () => open(path, flags),
    (late) => late.close(),
  );
}

/**
 * Opens with O_DIRECT and tries one read, because some file systems accept the flag and refuse the read; `null` if it
 * does not work.
 */
async function openDirect(path: string, clock: Clock, call: Call): Promise<FileHandle | null> {
  let handle: FileHandle | null = null;
  try {
    const direct = await opened(path, READ_ONLY | constants.O_DIRECT, call);
    handle = direct;
    const [probe] = alignedBuffers(1, PROBE_BYTES);
    if (probe === undefined) return null;
    await call(() => direct.read(probe, 0, PROBE_BYTES, 0));
    return direct;
  } catch (thrown) {
    if (handle !== null) await closeSoon(clock, handle);
    if (errnoOf(thrown) === 'EINVAL' || errnoOf(thrown) === 'EOPNOTSUPP') return null;
    throw thrown;
  }
}

/** Uses GNU dd to call posix_fadvise(POSIX_FADV_DONTNEED); the file is passed open, so that no name is followed. */
async function dropCachedPages(handle: FileHandle): Promise<boolean> {
  const ran = await runProgram('dd', ['iflag=nocache', 'count=0', 'status=none'], { stdin: handle.fd, limitMs: 5_000 });
  return ran.status === 0;
}

async function hash(
  handle: FileHandle,
  call: Call,
  onBytes?: (bytes: number) => void,
): Promise<{ sha256: string; sizeBytes: number }> {
  // Not needed to list drives, which should start fast.
  const { createHash } = await import('node:crypto');
  const sha256 = createHash('sha256');
  const { size } = await call(() => handle.stat());
  const buffers = alignedBuffers(2, READ_BYTES);
  const fetch = (position: number): Promise<Uint8Array> => {
    const buffer = buffers[(position / READ_BYTES) % 2];
    if (buffer === undefined) throw new TypeError(`expected a multiple of ${READ_BYTES}, found ${position}`);
    return fill(handle, buffer, position, size, call);
  };
  let sizeBytes = 0;
  let coming = fetch(0);
  while (sizeBytes < size) {
    const piece = await coming;
    if (piece.length === 0) break;
    sizeBytes += piece.length;
    // The next piece is read while this one is hashed. The await above handles a rejection in the meantime.
    if (sizeBytes < size && piece.length === READ_BYTES) coming = fetch(sizeBytes);
    coming.catch(() => undefined);
    sha256.update(piece);
    onBytes?.(sizeBytes);
    if (piece.length < READ_BYTES) break;
  }
  return { sha256: sha256.digest('hex'), sizeBytes };
}
