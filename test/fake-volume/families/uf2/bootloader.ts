import type { ChipFlash, ChipOptions } from './flash.ts';

/** What became of a sector that was written. `leaving`: the board resets after so many ms; at once: USB reports an error. */
export interface Taken {
  readonly leavesInMs: number | null;
}

export interface Bootloader {
  take(sector: Uint8Array): Taken;
  restart(): void;
}

export interface BootloaderOptions {
  readonly familyId: number;
  readonly flash: ChipFlash;
  readonly base: number;
  readonly sizeBytes: number;
}

interface Block {
  readonly flags: number;
  readonly address: number;
  readonly size: number;
  readonly number: number;
  readonly count: number;
  readonly family: number;
  readonly data: Uint8Array;
}

/** microsoft/uf2, README.md */
function blockIn(sector: Uint8Array): Block | null {
  const view = new DataView(sector.buffer, sector.byteOffset, sector.length);
  const word = (at: number): number => view.getUint32(at, true);
  if (word(0) !== 0x0a324655 || word(4) !== 0x9e5d5157 || word(508) !== 0x0ab16f30) return null;
  const size = word(16);
  return {
    flags: word(8),
    address: word(12),
    size,
    number: word(20),
    count: word(24),
    family: word(28),
    data: sector.slice(32, 32 + size),
  };
}

const STAYS: Taken = { leavesInMs: null };
const MOST_BLOCKS = 0x4000;

/** adafruit/tinyuf2, src/ghostfat.c, uf2_write_block; `isSamd`: microsoft/uf2-samdx1, src/fat.c, write_block. */
export function ghostFatBootloader(options: BootloaderOptions, isSamd = false): Bootloader {
  const { familyId, flash, base, sizeBytes } = options;
  let count = 0;
  const seen = new Set<number>();
  return {
    take(sector) {
      const block = blockIn(sector);
      if (block === null || (block.flags & 1) !== 0) return STAYS;
      const hasFamily = (block.flags & 0x2000) !== 0;
      if (hasFamily ? block.family !== familyId : !isSamd) return STAYS;
      const isInside = block.address >= base && block.address + block.size <= base + sizeBytes;
      // An address outside is counted all the same.
      if (isInside) flash.write(block.address, block.data);
      if (block.count === 0) return isSamd ? { leavesInMs: 9_000 } : STAYS;
      if (count !== block.count) count = block.count >= MOST_BLOCKS || count !== 0 ? 0xffffffff : block.count;
      if (block.number < MOST_BLOCKS) seen.add(block.number);
      if (seen.size < count) return STAYS;
      flash.flush();
      return { leavesInMs: isSamd ? 900 : 0 };
    },
    restart() {
      count = 0;
      seen.clear();
      flash.restart();
    },
  };
}

/** raspberrypi/pico-bootrom-rp2040, bootrom/virtual_disk.c: erases by the number of a block, skips numbers it holds. */
export function romBootloader({ familyId, base, sizeBytes }: BootloaderOptions, chip: ChipOptions): Bootloader {
  const { cells, faulty } = chip;
  let count = 0;
  const valid = new Set<number>();
  const cleared = new Set<number>();
  return {
    take(sector) {
      const block = blockIn(sector);
      if (block === null || (block.flags & 0x2001) !== 0x2000 || block.family !== familyId || block.size !== 256) {
        return STAYS;
      }
      const at = block.address - base;
      if (block.count === 0 || at < 0 || at + 256 > sizeBytes || at % 256 !== 0 || block.number >= block.count) {
        count = 0;
        return STAYS;
      }
      if (count !== block.count) {
        count = block.count;
        valid.clear();
        cleared.clear();
      }
      if (!valid.has(block.number)) {
        const group = Math.floor(block.number / 16);
        const start = at - (at % 4096);
        if (!cleared.has(group)) cells.fill(0xff, start, start + 4096);
        cleared.add(group);
        valid.add(block.number);
        for (const [index, byte] of block.data.entries()) cells[at + index] = (cells[at + index] ?? 0) & byte;
        if (faulty.has(block.address)) cells[at + 7] = 0;
      }
      return { leavesInMs: valid.size === count ? 1_000 : null };
    },
    restart() {
      count = 0;
      valid.clear();
      cleared.clear();
    },
  };
}
