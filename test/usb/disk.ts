import type { Sectors } from '../fake-volume/cards/fat/sectors.ts';
import type { Guest } from './machine/guest.ts';
import { openPort } from './port.ts';
import type { UsbFacts } from './storage/descriptors.ts';
import type { Unit } from './storage/unit.ts';

/** The firmware of a device that makes up its medium itself: it answers reads, and acts on writes as they come. */
export interface DiskFirmware {
  readonly usb: UsbFacts;
  /** SCSI INQUIRY: 8, 16 and 4 characters at most. */
  readonly vendor: string;
  readonly product: string;
  readonly revision: string;
  readonly sectors: Sectors;
  /** Whether it wants to be on the bus. */
  isOnBus(): boolean;
  /** Whether there is a medium. */
  hasMedium(): boolean;
  isWriteProtected(): boolean;
}

/** What a firmware is built on: a clock in ms, timers, and a way to say that bus or medium have changed. */
export interface DiskGround {
  now(): number;
  later(ms: number, action: () => void): void;
}

/** Such a device at a port of the guest. */
export interface Disk<F extends DiskFirmware> {
  readonly firmware: F;
  plug(): void;
  /** Pulls the cable, whatever is under way. */
  pull(): void;
  /** `null`: everything works. Called before each write lands; `pull`: the cable is pulled, and it does not land. */
  trap: ((first: number, bytes: Buffer) => 'done' | 'medium-error' | 'pull') | null;
  dispose(): Promise<void>;
}

let count = 0;

/** Lays a cable to a port of the guest, for a device that is not plugged in yet. */
export async function createDisk<F extends DiskFirmware>(
  guest: Guest,
  make: (ground: DiskGround) => F,
  options: { readonly port?: string } = {},
): Promise<Disk<F>> {
  count += 1;
  const began = performance.now();
  const timers = new Set<NodeJS.Timeout>();
  let [isPlugged, isOnBus] = [false, false];
  const later = (ms: number, action: () => void): void => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      action();
      observe();
    }, ms);
    timers.add(timer);
  };
  const firmware = make({ now: () => performance.now() - began, later });
  const unit: Unit = {
    vendor: firmware.vendor,
    product: firmware.product,
    revision: () => firmware.revision,
    sectors: firmware.sectors,
    ready: () => firmware.hasMedium(),
    writeProtected: () => firmware.isWriteProtected(),
    writeCache: false,
    fetched: async () => undefined,
    async touched(touch) {
      if (touch.kind !== 'write') return 'done';
      const manner = disk.trap?.(touch.first, touch.bytes) ?? 'done';
      if (manner === 'medium-error') return manner;
      if (manner === 'pull') {
        disk.pull();
        return 'gone';
      }
      firmware.sectors.write(touch.first, touch.bytes);
      observe();
      return isOnBus ? 'done' : 'gone';
    },
  };
  const port = await openPort(guest, { id: `disk${count}`, end: { unit, onConfigured: () => undefined }, ...options });

  function observe(): void {
    const wants = isPlugged && firmware.isOnBus();
    if (wants === isOnBus) return;
    isOnBus = wants;
    if (wants) port.cable.connect(firmware.usb);
    else port.cable.disconnect();
  }
  const disk: Disk<F> = {
    firmware,
    trap: null,
    plug() {
      isPlugged = true;
      observe();
    },
    pull() {
      isPlugged = false;
      observe();
    },
    async dispose() {
      disk.pull();
      for (const timer of timers) clearTimeout(timer);
      await port.close();
    },
  };
  return disk;
}
