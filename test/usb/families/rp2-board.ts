import { createUf2Board } from '../../fake-volume/families/uf2/board.ts';
import { type BootRom, createBootRom } from '../../fake-volume/families/uf2/boot-rom.ts';
import { createPicoboot, type Picoboot } from '../../fake-volume/families/uf2/picoboot.ts';
import type { DiskFirmware, DiskGround } from '../disk.ts';
import { madeUp } from './sectors.ts';

export interface Rp2Firmware extends DiskFirmware {
  readonly rom: BootRom;
  readonly picoboot: Picoboot;
}

/** An RP2040 in its boot ROM: a drive that programs flash memory, and PICOBOOT beside it. It leaves once, for good. */
export function rp2Firmware(ground: DiskGround): Rp2Firmware {
  const rom = createBootRom({ flashBytes: 256 * 1024 });
  const picoboot = createPicoboot(rom);
  // What the drive shows; what is written goes to the ROM.
  const drive = createUf2Board({ model: 'rp2040' });
  let [isHere, isLeaving] = [true, false];
  const leaveWhenDue = (): void => {
    if (rom.restartsInMs === null || isLeaving) return;
    isLeaving = true;
    ground.later(rom.restartsInMs, () => {
      isHere = false;
    });
  };
  return {
    rom,
    picoboot,
    usb: {
      vendorId: 0x2e8a,
      productId: 0x0003,
      bcdDevice: 0x0100,
      manufacturer: 'Raspberry Pi',
      product: 'RP2 Boot',
      serial: 'E0C9125B0D9B',
      speed: 'full',
      hasVendorInterface: true,
    },
    inquiry: { vendor: 'RPI', product: 'RP2', revision: '3' },
    vendor: {
      ...picoboot,
      out(bytes) {
        const isTaken = picoboot.out(bytes);
        leaveWhenDue();
        return isTaken;
      },
    },
    sectors: madeUp(drive.sectors, drive.read, (_, bytes) => {
      rom.takeSector(bytes);
      leaveWhenDue();
    }),
    isOnBus: () => isHere,
    hasMedium: () => true,
    powerUp: () => undefined,
  };
}
