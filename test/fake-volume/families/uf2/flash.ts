/** Flash memory of a chip and how its bootloader programs it. Addresses are those of the chip. */
export interface ChipFlash {
  write(address: number, bytes: Uint8Array): void;
  /** What CURRENT.UF2 shows: never what is only in RAM. */
  read(address: number, lengthBytes: number): Uint8Array;
  /** At the reset. */
  flush(): void;
  /** Power goes: what is in RAM is lost, and so is what was remembered of erased sectors. */
  restart(): void;
}

export interface ChipOptions {
  readonly base: number;
  readonly cells: Uint8Array;
  /** Addresses of pages of 256 bytes that do not take what is programmed. */
  readonly faulty: ReadonlySet<number>;
  /** Power goes while the last page is programmed once more. */
  readonly isCutInFlush: boolean;
}

const ERASED = 0xff;

function program({ base, cells, faulty }: ChipOptions, address: number, bytes: Uint8Array): void {
  for (const [index, byte] of bytes.entries()) {
    const at = address + index;
    const isStuck = faulty.has(at - (at % 256)) && at % 256 === 7;
    cells[at - base] = (cells[at - base] ?? 0) & byte & (isStuck ? 0 : ERASED);
  }
}

/** adafruit/tinyuf2, ports/stm32f4: a sector is erased when it is first met; after that bits can only be cleared. */
export function cellFlash(options: ChipOptions, sectorBytes: number = 16 * 1024): ChipFlash {
  const { base, cells } = options;
  const erased = new Set<number>();
  return {
    write(address, bytes) {
      const sector = Math.floor((address - base) / sectorBytes);
      if (!erased.has(sector)) cells.fill(ERASED, sector * sectorBytes, (sector + 1) * sectorBytes);
      erased.add(sector);
      program(options, address, bytes);
    },
    read: (address, length) => cells.slice(address - base, address - base + length),
    flush() {},
    restart: () => erased.clear(),
  };
}

/** microsoft/uf2-samdx1, flash_write_row: each row of 256 bytes is erased and programmed by itself. */
export function rowFlash(options: ChipOptions): ChipFlash {
  const flash = cellFlash(options);
  return {
    ...flash,
    write(address, bytes) {
      options.cells.fill(ERASED, address - options.base, address - options.base + bytes.length);
      program(options, address, bytes);
    },
  };
}

/**
 * adafruit/tinyuf2, ports/espressif, and Adafruit_nRF52_Bootloader, flash_nrf5x.c: a page is kept in RAM until another is
 * met. `always`: written even where it is equal (ports/maxim).
 */
export function pageFlash(options: ChipOptions, pageBytes: number, always = false): ChipFlash {
  const { base, cells, isCutInFlush } = options;
  let page: { readonly start: number; readonly bytes: Uint8Array } | null = null;
  function put(isCut: boolean): void {
    if (page === null) return;
    const { start, bytes } = page;
    const isEqual = bytes.every((byte, index) => byte === cells[start + index]);
    if (isEqual && !always) return;
    cells.fill(ERASED, start, start + pageBytes);
    if (!isCut) program(options, base + start, bytes);
  }
  return {
    write(address, bytes) {
      const start = Math.floor((address - base) / pageBytes) * pageBytes;
      if (page?.start !== start) {
        put(false);
        page = { start, bytes: cells.slice(start, start + pageBytes) };
      }
      page.bytes.set(bytes, address - base - start);
    },
    read: (address, length) => cells.slice(address - base, address - base + length),
    flush: () => put(isCutInFlush),
    restart() {
      page = null;
    },
  };
}
