import type { DropDevice } from './drop-world.ts';

/**
 * A 3D-printer board of the SKR kind: when it starts, it programs firmware.bin and renames it to FIRMWARE.CUR (issues 106 of SKR-PRO
 * and 254 of SKR-mini-E3, Klipper's flash-sdcard). A person carries its card to the printer and back.
 */
export function printer(options: { readonly isIgnoring?: boolean } = {}): DropDevice {
  const files = new Map<string, Uint8Array>([['PRINTER.TXT', new Uint8Array()]]);
  let flash: Uint8Array | null = null;
  return {
    usb: { vendorId: 0x05e3, productId: 0x0764, serial: null },
    vendor: 'Generic',
    product: 'Card Reader',
    files,
    react: () => ({
      isInPlace: false,
      awayMs: 40_000,
      work() {
        const bytes = files.get('firmware.bin');
        if (bytes === undefined || options.isIgnoring) return;
        flash = bytes;
        files.delete('firmware.bin');
        files.set('FIRMWARE.CUR', bytes);
      },
    }),
    runs: () => flash,
  };
}
