import type { AddressSpan } from '../firmware/memory-map.ts';
import { wordAt } from './words.ts';

/** What a block says about a region of flash memory: if it has this MD5 already, the block need not be written. */
export interface Uf2Md5Region extends AddressSpan {
  /** 16 bytes. */
  readonly md5: Uint8Array;
}

/** Start, length and MD5. */
export const MD5_REGION_BYTES = 24;

/** The region at `offset`; the MD5 is a view. */
export function decodeMd5Region(bytes: Uint8Array, offset: number): Uf2Md5Region {
  const start = wordAt(bytes, offset);
  const end = start + wordAt(bytes, offset + 4);
  return { start, end, md5: bytes.subarray(offset + 8, offset + MD5_REGION_BYTES) };
}

export function encodeMd5Region({ start, end, md5 }: Uf2Md5Region): Uint8Array {
  const bytes = new Uint8Array(MD5_REGION_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, start, true);
  view.setUint32(4, end - start, true);
  bytes.set(md5, 8);
  return bytes;
}
