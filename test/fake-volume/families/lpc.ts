import type { DropDevice } from './drop-world.ts';

const FLASH_BYTES = 32 * 1024;

/**
 * The ROM of NXP's LPC13xx and LPC11Uxx (AN10986): its drive CRP DISABLD shows one file, firmware.bin, which is the flash memory itself;
 * a sector that is written is programmed at once. It says nothing and stays until it is reset.
 */
export function lpc(options: { readonly faultyAt?: number } = {}): DropDevice {
  const flash = new Uint8Array(FLASH_BYTES).fill(0xff);
  const files = new Map<string, Uint8Array>([['firmware.bin', flash]]);
  return {
    usb: { vendorId: 0x1fc9, productId: 0x0003, serial: null },
    vendor: 'NXP',
    product: 'LPC134X IFLASH',
    files,
    onWrite(path, offset, bytes) {
      if (path !== 'firmware.bin') return;
      flash.set(bytes.subarray(0, FLASH_BYTES - offset), offset);
      if (options.faultyAt !== undefined) flash[options.faultyAt] = 0;
      files.set(path, flash.slice());
    },
    react: () => null,
    runs: () => flash,
  };
}
