/** Where the library says that a device is. */
export interface UsbPlace {
  /** `001` on Linux, `14` on macOS. */
  readonly bus: string;
  /** Of each hub on the way, from the root on. */
  readonly ports: readonly number[];
}

/**
 * Whether a device is at the port of a drive, `UsbIdentity.port`. `null`: this system's names of ports cannot be compared
 * with those of the library (nusb, src/platform).
 */
export function isAtPort(platform: NodeJS.Platform, port: string | null, { bus, ports }: UsbPlace): boolean | null {
  if (port === null || ports.length === 0) return null;
  if (platform === 'linux') return port === `${Number.parseInt(bus, 10)}-${ports.join('.')}`;
  if (platform !== 'darwin') return null;
  // A location id: two digits for the bus, one for each port.
  const digits = ports.map((each) => each.toString(16)).join('');
  return port.toLowerCase() === `${bus}${digits}`.padEnd(8, '0').toLowerCase();
}
