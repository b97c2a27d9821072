import type { DropDevice } from './drop-world.ts';

/**
 * The bootloader of Miniware's irons, as IronOS describes it (Documentation/Flashing/TS100.md): a .HEX that is dropped makes it
 * leave and come back, and the name then ends in .RDY, or in .ERR. What lies there from before stays.
 */
export function ts100(): DropDevice {
  const files = new Map<string, Uint8Array>();
  let flash: Uint8Array | null = null;
  const dropped = (): string | undefined => [...files.keys()].find((path) => path.endsWith('.HEX'));
  return {
    usb: { vendorId: 0x0483, productId: 0x5720, serial: null },
    vendor: 'Virtual',
    product: 'DFU Disk',
    files,
    react() {
      if (dropped() === undefined) return null;
      return {
        isInPlace: false,
        awayMs: 4_000,
        work() {
          const path = dropped();
          const bytes = path === undefined ? undefined : files.get(path);
          if (path === undefined || bytes === undefined) return;
          const lines = new TextDecoder().decode(bytes).trim().split(/\r?\n/);
          const isGood = lines.every((line) => /^:([0-9A-F]{2}){5,}$/.test(line)) && lines.at(-1) === ':00000001FF';
          files.delete(path);
          files.set(path.replace('.HEX', isGood ? '.RDY' : '.ERR'), bytes);
          if (isGood) flash = bytes;
        },
      };
    },
    runs: () => flash,
  };
}
