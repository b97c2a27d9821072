import type { FileHandle } from 'node:fs/promises';
import type { Call } from './verb.ts';

/**
 * Fills the buffer from `position`; it reads less only at the end of the file, at `size`. Past it, O_DIRECT would
 * refuse the odd position.
 */
export async function fill(
  handle: FileHandle,
  buffer: Uint8Array,
  position: number,
  size: number,
  call: Call,
): Promise<Uint8Array> {
  let filled = 0;
  while (filled < buffer.length && position + filled < size) {
    const at = filled;
    const { bytesRead } = await call(() => handle.read(buffer, at, buffer.length - at, position + at));
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}
