import type { DropDevice } from './drop-world.ts';

/**
 * P&E's OpenSDA application: it programs an S-record file as it arrives and keeps none; LASTSTAT.TXT says `Ready.`, or stays at
 * `Programming...` (community.nxp.com threads 349085 and 442705).
 */
export function pemicro(options: { readonly says?: string } = {}): DropDevice {
  const files = new Map<string, Uint8Array>([['LASTSTAT.TXT', Buffer.from(options.says ?? 'Ready.\r\n')]]);
  let flash: Uint8Array | null = null;
  return {
    usb: { vendorId: 0x1357, productId: 0x0707, serial: null },
    vendor: 'FSL',
    product: 'OpenSDA MSD',
    files,
    react() {
      const path = [...files.keys()].find((each) => each.endsWith('.S19'));
      if (path === undefined) return null;
      return {
        isInPlace: true,
        awayMs: 3_000,
        work() {
          const bytes = files.get(path);
          files.delete(path);
          const isGood = /^S0[\s\S]*\nS[789][0-9A-F]+\s*$/.test(Buffer.from(bytes ?? []).toString());
          flash = isGood ? (bytes ?? null) : null;
          files.set('LASTSTAT.TXT', Buffer.from(isGood ? 'Ready.\r\n' : 'Error: the file cannot be understood.\r\n'));
        },
      };
    },
    runs: () => flash,
  };
}
