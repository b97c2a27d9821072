import type { FileHandle } from 'node:fs/promises';

/**
 * Fills the buffer from `position`, less only at the end of the file, which is at `size`: past it O_DIRECT would refuse the odd
 * position. `soon` may put a time limit on each read.
 */
export async function fill(
  handle: FileHandle,
  buffer: Uint8Array,
  position: number,
  size: number,
  soon: <T>(work: Promise<T>) => Promise<T> = (work) => work,
): Promise<Uint8Array> {
  let filled = 0;
  while (filled < buffer.length && position + filled < size) {
    const reading = handle.read(buffer, filled, buffer.length - filled, position + filled);
    const { bytesRead } = await soon(reading);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}
