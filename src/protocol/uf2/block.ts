import type { Mismatch } from '../decoded.ts';
import type { Uf2Md5Region } from './md5-region.ts';
import type { Uf2Tag } from './tags.ts';

/** The parts of a block, by the names of the specification. */
export type Uf2Field =
  | 'first magic'
  | 'second magic'
  | 'final magic'
  | 'flags'
  | 'address'
  | 'payload size'
  | 'payload'
  | 'block number'
  | 'number of blocks'
  | 'family id'
  | 'file size'
  | 'file name'
  | 'MD5 region'
  | 'extension tags'
  | 'file';

export interface Uf2Mismatch extends Mismatch {
  readonly field: Uf2Field;
}

/** One block of a UF2 file (microsoft/uf2, README.md). */
export interface Uf2Block {
  /** `comment`: not for the main flash, so bootloaders skip it. `file`: for a file that the device keeps. */
  readonly kind: 'flash' | 'comment' | 'file';
  /** Flags without a known meaning. */
  readonly otherFlags: number;
  /** In flash memory; of a `file`, the offset in it. */
  readonly address: number;
  /** 1 to 476 bytes. */
  readonly payload: Uint8Array;
  /** The first is 0. */
  readonly number: number;
  /** What the block says about the number of blocks. */
  readonly count: number;
  readonly familyId: number | null;
  /** Only where there is no family id; `null`: not given. */
  readonly fileSize: number | null;
  /** Of a `file`, not cleaned; else `null`. */
  readonly fileName: string | null;
  readonly md5Region: Uf2Md5Region | null;
  readonly tags: readonly Uf2Tag[];
}

export const UF2_BLOCK_BYTES = 512;
export const UF2_PAYLOAD_MOST_BYTES = 476;

/** Where the parts of a block are. */
export const UF2_OFFSET = {
  flags: 8,
  address: 12,
  payloadSize: 16,
  number: 20,
  count: 24,
  /** Family id or file size. */
  word: 28,
  payload: 32,
  md5Region: 484,
  dataEnd: 508,
} as const;

export const UF2_MAGIC: readonly { readonly offset: number; readonly value: number; readonly field: Uf2Field }[] = [
  { offset: 0, value: 0x0a324655, field: 'first magic' },
  { offset: 4, value: 0x9e5d5157, field: 'second magic' },
  { offset: UF2_OFFSET.dataEnd, value: 0x0ab16f30, field: 'final magic' },
];

export const UF2_FLAG = { comment: 0x1, file: 0x1000, family: 0x2000, md5: 0x4000, tags: 0x8000 } as const;
