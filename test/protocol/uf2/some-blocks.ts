import { createHash } from 'node:crypto';
import type { Uf2Block } from '../../../src/protocol/uf2/block.ts';
import { encodeUf2Block } from '../../../src/protocol/uf2/encode-block.ts';
import { createUf2Scanner, type Uf2Scan } from '../../../src/protocol/uf2/scan.ts';

export const FAMILY = 0x68ed2b88;
export const md5Of = (bytes: Uint8Array): Uint8Array => createHash('md5').update(bytes).digest();

/** A block of 256 bytes for flash, but for what is given. */
export function aBlock(parts: Partial<Uf2Block> = {}): Uf2Block {
  const { number = 0 } = parts;
  return {
    kind: 'flash',
    otherFlags: 0,
    address: 0x2000 + 256 * number,
    payload: new Uint8Array(256).fill(number + 1),
    number,
    count: 1,
    familyId: FAMILY,
    fileSize: null,
    fileName: null,
    md5Region: null,
    tags: [],
    ...parts,
  };
}

/** Blocks numbered from 0, each with what is given for all and what is given for it. */
export function blocksOf(
  count: number,
  parts: Partial<Uf2Block> = {},
  each: Record<number, Partial<Uf2Block>> = {},
): Uf2Block[] {
  return Array.from({ length: count }, (_, number) => aBlock({ number, count, ...parts, ...each[number] }));
}

export function fileOf(blocks: readonly Uf2Block[]): Uint8Array {
  return Buffer.concat(blocks.map(encodeUf2Block));
}

/** Reads a file in chunks of the given sizes, over and over, all in the same memory. */
export function scanUf2(file: Uint8Array, sizes: readonly number[] = [65536]): Uf2Scan {
  const scanner = createUf2Scanner(file.length, md5Of);
  const memory = new Uint8Array(Math.max(...sizes));
  for (let [offset, index] = [0, 0]; offset < file.length; index++) {
    const chunk = file.subarray(offset, offset + (sizes[index % sizes.length] ?? 1));
    memory.fill(0xee);
    memory.set(chunk);
    scanner.take(memory.subarray(0, chunk.length));
    offset += chunk.length;
  }
  return scanner.finish();
}

/** A file with 32 bit words set: offset in the file, value. */
export function patched(file: Uint8Array, ...words: readonly (readonly [offset: number, value: number])[]): Uint8Array {
  const copy = Uint8Array.from(file);
  for (const [offset, value] of words) new DataView(copy.buffer).setUint32(offset, value, true);
  return copy;
}
