import type { Drive } from '../../../src/protocol/sight.ts';
import type { UsbLibrary, UsbLibraryDevice } from '../../../src/volume/usb/library.ts';
import type { BootRom } from '../../fake-volume/families/uf2/boot-rom.ts';
import { createPicoboot, type Picoboot } from '../../fake-volume/families/uf2/picoboot.ts';

/** A board on a bus in memory, as the package `usb` shows it. */
export interface MemoryBoard {
  readonly device: UsbLibraryDevice;
  readonly picoboot: Picoboot;
  /** Calls that matter to others who use the board. */
  readonly calls: readonly string[];
}

const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const storage = {
  interfaceNumber: 0,
  alternate: {
    interfaceClass: 0x08,
    endpoints: [
      { endpointNumber: 1, direction: 'in', type: 'bulk' },
      { endpointNumber: 2, direction: 'out', type: 'bulk' },
    ],
  },
};
const vendor = {
  interfaceNumber: 1,
  alternate: {
    interfaceClass: 0xff,
    endpoints: [
      { endpointNumber: 3, direction: 'out', type: 'bulk' },
      { endpointNumber: 4, direction: 'in', type: 'bulk' },
    ],
  },
};

export function createMemoryBoard(
  rom: BootRom,
  ports: readonly number[],
  change: Partial<UsbLibraryDevice> = {},
): MemoryBoard {
  const picoboot = createPicoboot(rom);
  const calls: string[] = [];
  const stalled = { status: 'stall' };
  const device: UsbLibraryDevice = {
    vendorId: 0x2e8a,
    productId: rom.chip === 'RP2040' ? 0x0003 : 0x000f,
    bus: '001',
    ports,
    configuration: { interfaces: [storage, vendor] },
    open: async () => void calls.push('open'),
    close: async () => void calls.push('close'),
    claimInterface: async (number) => void calls.push(`claim ${number}`),
    clearHalt: async (way) => picoboot.clearHalt(way),
    async controlTransferIn({ request, index }) {
      const bytes = index === 1 ? picoboot.control(true, request) : null;
      return bytes === null ? stalled : { status: 'ok', data: view(bytes) };
    },
    async controlTransferOut({ request, index }) {
      return index === 1 && picoboot.control(false, request) !== null ? { status: 'ok' } : stalled;
    },
    async transferIn(endpoint, lengthBytes) {
      if (lengthBytes === 0 || lengthBytes % 64 !== 0) throw new Error('not a multiple of a packet');
      const bytes = endpoint === 4 ? picoboot.in(lengthBytes) : null;
      return bytes === null ? stalled : { status: 'ok', data: view(bytes) };
    },
    transferOut: async (endpoint, data) => (endpoint === 3 && picoboot.out(data) ? { status: 'ok' } : stalled),
    ...change,
  };
  return { device, picoboot, calls };
}

export function libraryOf(...boards: readonly MemoryBoard[]): UsbLibrary {
  return { getDevices: async () => boards.map(({ device }) => device) };
}

/** The drive of a board, as Linux shows it. */
export function driveAt(port: string | null, productId = 0x0003): Drive {
  return {
    id: '/dev/sdb',
    attachment: '1:5:9',
    usb: { vendorId: 0x2e8a, productId, bcdDevice: 0x0100, serial: 'E0C9125B0D9B', port, revision: null },
    vendor: 'RPI',
    product: 'RP2',
    mediaName: 'RPI RP2',
    sizeBytes: 134_217_728,
    writeProtected: false,
    scheme: 'mbr',
    volumes: [],
  };
}
