import type { DropDevice } from './drop-world.ts';

const about = (version: string): Uint8Array =>
  Buffer.from(
    `<?xml version="1.0"?><Device><Model><PartNumber>006-B1632-00</PartNumber><SoftwareVersion>${version}</SoftwareVersion></Model><Id>3866412345</Id></Device>`,
  );

/**
 * A Garmin GPS: Garmin/GUPDATE.GCD is installed after it is let go of, and Garmin/GarminDevice.xml tells the version (gpsrchive.com,
 * Garmin's schema GarminDevicev2). A file that begins as a GCD does and then names a version is installed.
 */
export function garmin(): DropDevice {
  const files = new Map<string, Uint8Array>([['Garmin/GarminDevice.xml', about('440')]]);
  let flash: Uint8Array | null = null;
  return {
    usb: { vendorId: 0x091e, productId: 0x2491, serial: '0000e6747a39' },
    vendor: 'Garmin',
    product: 'GARMIN Flash',
    files,
    react: () => ({
      isInPlace: false,
      awayMs: 60_000,
      work() {
        const bytes = files.get('Garmin/GUPDATE.GCD');
        files.delete('Garmin/GUPDATE.GCD');
        const [, version] = /^GARMINd (\d+)\n/.exec(Buffer.from(bytes ?? []).toString('latin1')) ?? [];
        if (bytes === undefined || version === undefined) return;
        files.set('Garmin/GarminDevice.xml', about(version));
        flash = bytes;
      },
    }),
    runs: () => flash,
  };
}
