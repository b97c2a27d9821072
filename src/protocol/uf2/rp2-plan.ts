import { endOfRange, type MemoryMap } from '../firmware/memory-map.ts';
import { UF2_BLOCK_BYTES, type Uf2Block } from './block.ts';
import { encodeUf2Block } from './encode-block.ts';
import { UF2_PAGE_BYTES } from './family-image.ts';
import { RP2_FLASH_START } from './picoboot.ts';

/** Of a sector, in bytes: the ROM erases it with the first of its pages that arrives. */
export const RP2_SECTOR_BYTES = 4_096;
/** Flash memory of the larger of the two chips, in bytes. */
const FLASH_BYTES = 32 * 1024 * 1024;

/** What shall be in one sector: its pages, as far as the image has them. */
export interface Rp2Sector {
  readonly address: number;
  readonly pages: readonly { readonly address: number; readonly bytes: Uint8Array }[];
}

/** By rising addresses. `null`: not whole pages of flash memory, so this is not how to write it. */
export function rp2SectorsOf(map: MemoryMap): readonly Rp2Sector[] | null {
  const sectors: { address: number; pages: { address: number; bytes: Uint8Array }[] }[] = [];
  for (const range of map) {
    const end = endOfRange(range);
    const isPaged = range.address % UF2_PAGE_BYTES === 0 && range.bytes.length % UF2_PAGE_BYTES === 0;
    if (!isPaged || range.address < RP2_FLASH_START || end > RP2_FLASH_START + FLASH_BYTES) return null;
    for (let address = range.address; address < end; address += UF2_PAGE_BYTES) {
      const start = address - (address % RP2_SECTOR_BYTES);
      if (sectors.at(-1)?.address !== start) sectors.push({ address: start, pages: [] });
      const offset = address - range.address;
      sectors.at(-1)?.pages.push({ address, bytes: range.bytes.subarray(offset, offset + UF2_PAGE_BYTES) });
    }
  }
  return sectors.length === 0 ? null : sectors;
}

const REST = { kind: 'flash', otherFlags: 0, fileSize: null, fileName: null, md5Region: null, tags: [] } as const;

/** Which page of flash memory it is. */
const numberOf = (address: number): number => (address - RP2_FLASH_START) / UF2_PAGE_BYTES;

function blockOf(page: Rp2Sector['pages'][number], count: number, familyId: number): Uf2Block {
  return { ...REST, address: page.address, payload: page.bytes, number: numberOf(page.address), count, familyId };
}

/** How an image is sent so that the board takes all of it and stays. */
export interface Rp2Transfer {
  /**
   * One block for no file at all (0 blocks): the ROM drops what it has counted so far and writes nothing. Otherwise it
   * skips the numbers that it holds, of whatever image they were (bootrom, virtual_disk.c).
   */
  readonly forget: Uint8Array;
  /**
   * The blocks of some sectors. Each has the number of its page in flash memory, for an RP2040 erases by numbers: with
   * each first one of 16 (bootrom, virtual_disk.c). The count is higher than the number of blocks will ever be.
   */
  blocksOf(sectors: readonly Rp2Sector[]): Uint8Array;
}

export function rp2TransferOf(sectors: readonly Rp2Sector[], familyId: number): Rp2Transfer {
  const pages = sectors.flatMap((sector) => sector.pages);
  const [first, last] = [pages[0], pages.at(-1)];
  if (first === undefined || last === undefined) throw new RangeError('expected pages to send, found none');
  const count = numberOf(last.address) + 2;
  return {
    forget: encodeUf2Block(blockOf(first, 0, familyId)),
    blocksOf(some) {
      const all = some.flatMap((sector) => sector.pages);
      const bytes = new Uint8Array(all.length * UF2_BLOCK_BYTES);
      for (const [index, page] of all.entries()) {
        bytes.set(encodeUf2Block(blockOf(page, count, familyId)), index * UF2_BLOCK_BYTES);
      }
      return bytes;
    },
  };
}
