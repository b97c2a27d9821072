/**
 * The boot ROM of an RP2040 or RP2350, as far as a host sees it: what blocks do that are written to its drive, and what its second
 * interface answers. From raspberrypi/pico-bootrom-rp2040 (bootrom/virtual_disk.c, async_task.c) and pico-bootrom-rp2350
 * (src/nsboot/usb_virtual_disk.c, nsboot_async_task.c). Times, and 4096-byte sectors, are theirs; flash memory is an array.
 */
export interface BootRom {
  readonly chip: 'RP2040' | 'RP2350';
  /** From address 10000000 on. */
  readonly flash: Uint8Array;
  /** A sector of 512 bytes arrived at the drive. */
  takeSector(bytes: Uint8Array): void;
  /** As the flash memory is read by its controller; `null`: not allowed. */
  readFlash(address: number, lengthBytes: number): Uint8Array | null;
  /** Restarts after `ms`. */
  restart(ms: number): void;
  /** In how many ms it restarts; `null`: it stays. */
  readonly restartsInMs: number | null;
  /** Blocks whose flash operation fails without a word: the bits stay as they are. */
  readonly deafPages: Set<number>;
  readonly partition: number | null;
}

const SECTOR = 4096;
const PAGE = 256;
const FLASH_START = 0x10000000;
const RP2040_FAMILY = 0xe48bff56;
const RP2350_FAMILIES = [0xe48bff57, 0xe48bff59, 0xe48bff5a];

export interface BootRomOptions {
  readonly chip?: BootRom['chip'];
  readonly flashBytes?: number;
  /** RP2350: the index of the partition that blocks go to. */
  readonly partition?: number;
  /** Where reading is not permitted. */
  readonly locked?: boolean;
}

export function createBootRom({
  chip = 'RP2040',
  flashBytes = 2 * 1024 * 1024,
  partition,
  locked = false,
}: BootRomOptions = {}): BootRom {
  const flash = new Uint8Array(flashBytes).fill(0xff);
  const deafPages = new Set<number>();
  let [count, family] = [0, 0];
  let held = new Set<number>();
  let erased = new Set<number>();
  let restartsInMs: number | null = null;

  function erase(sector: number): void {
    flash.fill(0xff, sector * SECTOR, (sector + 1) * SECTOR);
  }
  /** Cells only lose bits when they are programmed. */
  function program(page: number, data: Uint8Array): void {
    for (let index = 0; index < PAGE; index++) {
      const place = page * PAGE + index;
      flash[place] = (flash[place] ?? 0) & (data[index] ?? 0);
    }
  }

  return {
    chip,
    flash,
    deafPages,
    partition: partition ?? null,
    get restartsInMs() {
      return restartsInMs;
    },
    restart(ms) {
      restartsInMs = ms;
    },
    readFlash(address, lengthBytes) {
      if (locked) return null;
      const bytes = new Uint8Array(lengthBytes);
      // Addresses beyond the chip's memory wrap around.
      for (let index = 0; index < lengthBytes; index++) {
        bytes[index] = flash[(address - FLASH_START + index) % flashBytes] ?? 0;
      }
      return bytes;
    },
    takeSector(bytes) {
      const word = (at: number): number => new DataView(bytes.buffer, bytes.byteOffset).getUint32(at, true);
      if (word(0) !== 0x0a324655 || word(4) !== 0x9e5d5157 || word(508) !== 0x0ab16f30) return;
      const isFlagged = (word(8) & 0x2000) !== 0 && (word(8) & 0x1) === 0 && word(16) === PAGE;
      const accepted = chip === 'RP2040' ? [RP2040_FAMILY] : RP2350_FAMILIES;
      if (!isFlagged || !accepted.includes(word(28))) return;
      const [address, number, blocks] = [word(12), word(20), word(24)];
      const isFlash = address >= FLASH_START && address % PAGE === 0;
      if (blocks !== count || (chip === 'RP2350' && word(28) !== family)) {
        [count, family] = [blocks, word(28)];
        held = new Set();
        erased = new Set();
      }
      if (blocks === 0 || !isFlash || number >= blocks) {
        count = 0;
        return;
      }
      if (held.has(number)) return;
      const page = ((address - FLASH_START) % flashBytes) / PAGE;
      const own = Math.floor((page * PAGE) / SECTOR);
      // One erases what it has not erased for such numbers, the other for such addresses; both erase where the block goes.
      const group = chip === 'RP2040' ? Math.floor((number * PAGE) / SECTOR) : own;
      held.add(number);
      const isDeaf = deafPages.has(page);
      if (!erased.has(group)) erase(own);
      erased.add(group);
      if (!isDeaf) program(page, bytes.subarray(32, 32 + PAGE));
      if (held.size === count) restartsInMs = chip === 'RP2040' ? 1000 : 500;
    },
  };
}
