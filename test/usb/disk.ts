import type { Sectors } from '../fake-volume/cards/fat/sectors.ts';
import type { Guest } from './machine/guest.ts';
import { openPort } from './port.ts';
import type { CableEnd } from './redirect/cable.ts';
import type { UsbFacts } from './storage/descriptors.ts';
import type { Unit } from './storage/unit.ts';
import type { VendorInterface } from './storage/vendor.ts';

/** The firmware of a device that makes up its medium itself: it answers reads, and acts on writes as they come. */
export interface DiskFirmware {
  readonly usb: UsbFacts;
  /** SCSI INQUIRY: 8, 16 and 4 characters at most. */
  readonly inquiry: { readonly vendor: string; readonly product: string; readonly revision: string };
  readonly sectors: Sectors;
  /** The interface beside the drive. */
  readonly vendor: VendorInterface | undefined;
  /** Whether it wants to be on the bus. */
  isOnBus(): boolean;
  hasMedium(): boolean;
  /** It is plugged in: what was in RAM is lost. */
  powerUp(): void;
}

/** What a firmware is built on: a clock in ms, and timers, after each of which bus and medium are looked at. */
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
  trap: ((first: number, bytes: Buffer) => 'done' | 'pull') | null;
  dispose(): Promise<void>;
}

let count = 0;

/** Lays a cable to a port of the guest, for a device that is not plugged in yet. */
export async function createDisk<F extends DiskFirmware>(
  guest: Guest,
  make: (ground: DiskGround) => F,
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
    ...firmware.inquiry,
    revision: () => firmware.inquiry.revision,
    sectors: firmware.sectors,
    ready: () => firmware.hasMedium(),
    writeProtected: () => false,
    writeCache: false,
    fetched: async () => undefined,
    async touched(touch) {
      if (touch.kind !== 'write') return 'done';
      if (disk.trap?.(touch.first, touch.bytes) === 'pull') {
        disk.pull();
        return 'gone';
      }
      firmware.sectors.write(touch.first, touch.bytes);
      observe();
      return isOnBus ? 'done' : 'gone';
    },
  };
  const { vendor } = firmware;
  const end: CableEnd = { unit, onConfigured: () => undefined, ...(vendor && { vendor }) };
  const port = await openPort(guest, { id: `disk${count}`, end });

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
      firmware.powerUp();
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
