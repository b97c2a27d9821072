import { sectorsOf } from '../fake-volume/cards/fat/sectors.ts';
import { type BootRom, createBootRom } from '../fake-volume/families/uf2/boot-rom.ts';
import { createPicoboot, type Picoboot } from '../fake-volume/families/uf2/picoboot.ts';
import { cardOfUser } from './cards.ts';
import type { Guest } from './machine/guest.ts';
import { openPort } from './port.ts';
import type { CableEnd } from './redirect/cable.ts';

/** A board in its boot ROM at the end of a real cable: a drive that programs flash memory, and PICOBOOT beside it. */
export interface Board {
  readonly rom: BootRom;
  readonly picoboot: Picoboot;
  dispose(): Promise<void>;
}

const SECTOR = 512;
const FACTS = {
  vendorId: 0x2e8a,
  productId: 0x0003,
  bcdDevice: 0x0100,
  manufacturer: 'Raspberry Pi',
  product: 'RP2 Boot',
  serial: 'E0C9125B0D9B',
  speed: 'full',
  hasVendorInterface: true,
} as const;

/** Lays a cable to a port of the guest and plugs the board in. It leaves when it restarts, and does not come back. */
export async function plugBoard(guest: Guest): Promise<Board> {
  const rom = createBootRom({ flashBytes: 256 * 1024 });
  const picoboot = createPicoboot(rom);
  const takeOffWhenDue = (): void => {
    if (rom.restartsInMs !== null) setTimeout(() => cable.disconnect(), rom.restartsInMs);
  };
  const end: CableEnd = {
    unit: {
      vendor: 'RPI',
      product: 'RP2',
      revision: () => '3',
      sectors: sectorsOf(cardOfUser(16)),
      ready: () => true,
      writeProtected: () => false,
      writeCache: false,
      fetched: async () => undefined,
      // Nothing that is written to the drive stays there.
      async touched(touch) {
        if (touch.kind !== 'write') return 'done';
        for (let at = 0; at < touch.bytes.length; at += SECTOR) rom.takeSector(touch.bytes.subarray(at, at + SECTOR));
        takeOffWhenDue();
        return 'done';
      },
    },
    vendor: {
      ...picoboot,
      out(bytes) {
        const isTaken = picoboot.out(bytes);
        takeOffWhenDue();
        return isTaken;
      },
    },
    onConfigured: () => undefined,
  };
  const port = await openPort(guest, { id: 'board', end });
  const { cable } = port;
  cable.connect(FACTS);
  return {
    rom,
    picoboot,
    async dispose() {
      cable.disconnect();
      await port.close();
    },
  };
}
