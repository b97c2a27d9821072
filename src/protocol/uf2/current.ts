import type { Looking } from '../steps.ts';
import { UF2_BLOCK_BYTES, type Uf2Block } from './block.ts';
import { decodeUf2Block } from './decode-block.ts';
import { UF2_PAGE_BYTES } from './family-image.ts';
import type { Uf2Page } from './pages.ts';

/** The file in which most bootloaders show their flash memory, as UF2. */
export const CURRENT_PATH = 'CURRENT.UF2';

/** How that file is laid out. */
export interface Uf2Current {
  /** `null`: its blocks name none. */
  readonly familyId: number | null;
  /** Of the first block, and where it is in the file, in bytes. */
  readonly address: number;
  readonly offset: number;
}

/** How the flash memory compares with pages, by their indexes. */
export interface Uf2Comparison {
  readonly differing: readonly number[];
  /** What is there instead, of each that differs. */
  readonly shown: ReadonlyMap<number, Uint8Array>;
  /** The file does not show them. */
  readonly missing: readonly number[];
}

/** No file has its first block later than this; some have none in all of their megabytes. */
const SEARCHED_BYTES = 32 * 1024;
const PIECE_BYTES = 128 * 1024;

function validBlock(bytes: Uint8Array, offset: number): Uf2Block | null {
  if (offset + UF2_BLOCK_BYTES > bytes.length) return null;
  const block = decodeUf2Block(bytes, offset);
  return block.ok && block.value.kind === 'flash' && block.value.payload.length === UF2_PAGE_BYTES ? block.value : null;
}

/** Finds the first block; `null`: there is no such file, it has no block, or it cannot be read past the cache. */
export function* findCurrent(): Looking<Uf2Current | null> {
  const result = yield { do: 'read', path: CURRENT_PATH, offset: 0, lengthBytes: SEARCHED_BYTES };
  if (result.kind !== 'done') return null;
  for (let offset = 0; offset < result.bytes.length; offset += UF2_BLOCK_BYTES) {
    const block = validBlock(result.bytes, offset);
    if (block !== null) return { familyId: block.familyId, address: block.address, offset };
  }
  return null;
}

/**
 * Compares pages with the flash memory by address, whatever the numbers of its blocks are. Reads no more than their own
 * range. A text: why it could not be read.
 */
export function* comparePages(current: Uf2Current, pages: readonly Uf2Page[]): Looking<Uf2Comparison | string> {
  const shown = new Map<number, Uint8Array>();
  const missing: number[] = [];
  const placeOf = ({ address }: Uf2Page): number =>
    current.offset + ((address - current.address) / UF2_PAGE_BYTES) * UF2_BLOCK_BYTES;
  let [start, bytes] = [0, new Uint8Array()];
  for (const [index, page] of pages.entries()) {
    const place = placeOf(page);
    if (place < 0 || place % UF2_BLOCK_BYTES !== 0) {
      missing.push(index);
      continue;
    }
    if (place < start || place + UF2_BLOCK_BYTES > start + bytes.length) {
      const last = pages.at(-1) ?? page;
      const lengthBytes = Math.min(PIECE_BYTES, placeOf(last) + UF2_BLOCK_BYTES - place);
      const result = yield { do: 'read', path: CURRENT_PATH, offset: place, lengthBytes };
      if (result.kind !== 'done')
        return result.kind === 'failed' ? result.why : `${CURRENT_PATH} is not there any more`;
      [start, bytes] = [place, result.bytes as Uint8Array<ArrayBuffer>];
    }
    const block = validBlock(bytes, place - start);
    if (block === null || block.address !== page.address) missing.push(index);
    else if (block.payload.some((byte, at) => byte !== page.bytes[at])) shown.set(index, block.payload.slice());
  }
  return { differing: [...shown.keys()], shown, missing };
}
