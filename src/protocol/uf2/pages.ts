import type { MemoryMap } from '../firmware/memory-map.ts';
import { encodeUf2Block } from './encode-block.ts';
import { UF2_PAGE_BYTES } from './family-image.ts';

/** 256 bytes at a multiple of 256: what one block writes. */
export interface Uf2Page {
  readonly address: number;
  readonly bytes: Uint8Array;
}

/** The pages of a map, in ascending order; `null`: it has a part of a page. */
export function uf2PagesOf(map: MemoryMap): readonly Uf2Page[] | null {
  const pages: Uf2Page[] = [];
  for (const { address, bytes } of map) {
    if (address % UF2_PAGE_BYTES !== 0 || bytes.length % UF2_PAGE_BYTES !== 0) return null;
    for (let offset = 0; offset < bytes.length; offset += UF2_PAGE_BYTES) {
      pages.push({ address: address + offset, bytes: bytes.subarray(offset, offset + UF2_PAGE_BYTES) });
    }
  }
  return pages;
}

const REST = { kind: 'flash', otherFlags: 0, fileSize: null, fileName: null, md5Region: null, tags: [] } as const;

/** The block that writes a page. */
export function blockOfPage(
  { address, bytes: payload }: Uf2Page,
  { number, count, familyId }: { readonly number: number; readonly count: number; readonly familyId: number | null },
): Uint8Array {
  return encodeUf2Block({ ...REST, address, payload, number, count, familyId });
}

/**
 * Two pages whose copies push each other out of a board's RAM; `low` is also the one that commits. Never where a sector
 * of 4 KiB begins: one board's driver erases that sector and the next (adafruit/tinyuf2, ports/mimxrt10xx). `null`:
 * there are no two such pages.
 */
export function nudgesIn(
  pages: readonly Uf2Page[],
  pageBytes: number,
): { readonly low: number; readonly high: number } | null {
  const isUsable = ({ address }: Uf2Page, index: number): boolean => index > 0 && address % 4096 !== 0;
  const low = pages.findIndex(isUsable);
  const high = pages.findLastIndex(isUsable);
  const at = (index: number): number => Math.floor((pages[index]?.address ?? 0) / pageBytes);
  return low > 0 && at(low) !== at(high) ? { low, high } : null;
}
