import { endOfRange, type MemoryMap } from '../firmware/memory-map.ts';
import { UF2_BLOCK_BYTES } from './block.ts';
import { encodeUf2Block } from './encode-block.ts';
import { uf2FamilyOfName } from './family-ids.ts';
import { UF2_PAGE_BYTES } from './family-image.ts';

/** How a map of addresses becomes a UF2 file. */
export interface Uf2Recipe {
  /** `null`: blocks without a family, which most bootloaders ignore. */
  readonly familyId: number | null;
  /**
   * What is put at addresses of a page that the map has nothing for. Erased flash memory is 0xff: uf2conv fills so when
   * it converts Intel HEX. Behind a raw binary it puts zeros, and so does picotool everywhere.
   */
  readonly filler: 0x00 | 0xff;
  /**
   * 256: pages that hold nothing of the map are left out. 4096: of each sector with something in it all pages are
   * written, up to the last page of the file. RP2040 needs that: it erases a sector when it sees a block whose number is
   * a multiple of 16, so numbers and addresses have to run in step (raspberrypi/picotool, elf2uf2/elf2uf2.cpp).
   */
  readonly sectorBytes: 256 | 4096;
}

/** The families of the chips whose file tools write whole sectors; see `sectorBytes`. */
const WHOLE_SECTORS: readonly number[] = [
  'RP2040',
  'RP2350_ARM_S',
  'RP2350_ARM_NS',
  'RP2350_RISCV',
  'RP2XXX_ABSOLUTE',
  'RP2XXX_DATA',
].flatMap((name) => uf2FamilyOfName(name)?.id ?? []);

/**
 * How the usual tools make a file for a family: picotool for the chips of Raspberry Pi, uf2conv for all others.
 * `isBinary`: the map is that of a raw binary.
 */
export function uf2RecipeOf(familyId: number, isBinary: boolean): Uf2Recipe {
  if (WHOLE_SECTORS.includes(familyId)) return { familyId, filler: 0x00, sectorBytes: 4096 };
  return { familyId, filler: isBinary ? 0x00 : 0xff, sectorBytes: 256 };
}

/** The addresses of all pages to write, in ascending order. */
function pagesOf(map: MemoryMap, sectorBytes: number): readonly number[] {
  const last = map.at(-1);
  const end = last === undefined ? 0 : endOfRange(last);
  const pages: number[] = [];
  let next = 0;
  for (const range of map) {
    const start = Math.max(next, range.address - (range.address % sectorBytes));
    const sectorEnd = Math.ceil(endOfRange(range) / sectorBytes) * sectorBytes;
    for (next = start; next < Math.min(sectorEnd, end); next += UF2_PAGE_BYTES) pages.push(next);
  }
  return pages;
}

/** The bytes of a page; `first` is the index of the first range that may have some of them. */
function pageAt(address: number, map: MemoryMap, first: number, filler: number): Uint8Array {
  const page = new Uint8Array(UF2_PAGE_BYTES).fill(filler);
  const end = address + UF2_PAGE_BYTES;
  let range = map[first];
  for (let index = first; range !== undefined && range.address < end; range = map[++index]) {
    const [from, to] = [Math.max(address, range.address), Math.min(end, endOfRange(range))];
    if (from < to) page.set(range.bytes.subarray(from - range.address, to - range.address), from - address);
  }
  return page;
}

/** UF2 blocks of whole pages of 256 bytes, in ascending order. An empty map makes an empty file. */
export function createUf2(map: MemoryMap, { familyId, filler, sectorBytes }: Uf2Recipe): Uint8Array {
  const ends = map.map(endOfRange);
  const pages = pagesOf(map, sectorBytes);
  const file = new Uint8Array(pages.length * UF2_BLOCK_BYTES);
  const rest = { kind: 'flash', otherFlags: 0, fileSize: null, fileName: null, md5Region: null, tags: [] } as const;
  let first = 0;
  for (const [number, address] of pages.entries()) {
    while ((ends[first] ?? Number.POSITIVE_INFINITY) <= address) first++;
    const payload = pageAt(address, map, first, filler);
    const block = encodeUf2Block({ ...rest, address, payload, number, count: pages.length, familyId });
    file.set(block, number * UF2_BLOCK_BYTES);
  }
  return file;
}
