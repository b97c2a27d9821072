import { gunzipSync } from 'node:zlib';
import type { DropDevice } from './drop-world.ts';

const line = (version: string): Uint8Array =>
  Buffer.from(`N418170000000,4.1.15,${version},4.1.15,4.1.15,00000000-0000-0000-0000-000000000376\n`);

/**
 * A Kobo reader: .kobo/KoboRoot.tgz is unpacked and removed when the reader is let go of (mobileread posts 4379658 and 4380302), and
 * the third field of .kobo/version is the version of its firmware. An image of ours is gzip over `firmware VERSION`.
 */
export function kobo(): DropDevice {
  const files = new Map<string, Uint8Array>([['.kobo/version', line('4.38.21908')]]);
  let flash: Uint8Array | null = null;
  return {
    usb: { vendorId: 0x2237, productId: 0x4228, serial: 'N418170000000' },
    vendor: 'Kobo',
    product: 'eReader-4.38',
    files,
    react: () => ({
      isInPlace: false,
      awayMs: 45_000,
      work() {
        const bytes = files.get('.kobo/KoboRoot.tgz');
        files.delete('.kobo/KoboRoot.tgz');
        if (bytes === undefined) return;
        try {
          const [, version = ''] = /^firmware (\S+)/.exec(gunzipSync(bytes).toString()) ?? [];
          if (version === '') return;
          files.set('.kobo/version', line(version));
          flash = bytes;
        } catch {
          // It says nothing about a file that it cannot unpack.
        }
      },
    }),
    runs: () => flash,
  };
}
