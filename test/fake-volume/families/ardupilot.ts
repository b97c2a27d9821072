import { createHash } from 'node:crypto';
import type { DropDevice } from './drop-world.ts';

/**
 * ArduPilot's bootloader with its SD card (Tools/AP_Bootloader/flash_from_sd.cpp, and its documentation for the name of a failed
 * check): old marks go first, then each step is a rename, so that it tries only once.
 */
export function ardupilot(options: { readonly failsAt?: 'verify' | 'flash' } = {}): DropDevice {
  const files = new Map<string, Uint8Array>([['APM/LOGS/LASTLOG.TXT', Buffer.from('7\n')]]);
  let flash: Uint8Array | null = null;
  const move = (from: string, to: string): void => {
    files.set(`${to}.abin`, files.get(`${from}.abin`) ?? new Uint8Array());
    files.delete(`${from}.abin`);
  };
  return {
    usb: { vendorId: 0x1209, productId: 0x5741, serial: '3A0021' },
    vendor: 'ArduPilot',
    product: 'Card',
    files,
    react: () => ({
      isInPlace: false,
      awayMs: 20_000,
      work() {
        const bytes = files.get('ardupilot.abin');
        if (bytes === undefined) return;
        for (const mark of ['verify', 'flash', 'flashed', 'verify-failed']) files.delete(`ardupilot-${mark}.abin`);
        move('ardupilot', 'ardupilot-verify');
        if (options.failsAt === 'verify') return;
        const text = Buffer.from(bytes).toString('latin1');
        const [, md5] = /MD5: ([0-9a-f]{32})\n/.exec(text) ?? [];
        const body = bytes.subarray(text.indexOf('--\n') + 3);
        if (createHash('md5').update(body).digest('hex') !== md5)
          return move('ardupilot-verify', 'ardupilot-verify-failed');
        move('ardupilot-verify', 'ardupilot-flash');
        flash = null;
        if (options.failsAt === 'flash') return;
        flash = bytes;
        move('ardupilot-flash', 'ardupilot-flashed');
      },
    }),
    runs: () => flash,
  };
}
