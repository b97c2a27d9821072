import type { CardContent } from '../fake-volume/cards/content.ts';
import { fatCard } from '../fake-volume/cards/fat/card.ts';
import { fatContent } from '../fake-volume/cards/fat/content.ts';
import { type Sectors, sectorsOf } from '../fake-volume/cards/fat/sectors.ts';
import { createDevice, type SimulatedDevice, type SpacepackOptions } from '../fake-volume/spacepack/device.ts';
import type { LogEntry } from '../fake-volume/spacepack/firmware.ts';
import type { SomeSettings } from '../fake-volume/spacepack/settings.ts';
import { type Guest, pause } from './machine/guest.ts';
import { openPort } from './port.ts';
import type { UsbFacts } from './storage/descriptors.ts';
import type { Manner, Touch, Unit } from './storage/unit.ts';

/** What happens when the host touches the medium: see `Unit`. `pull`: the cable is pulled, and nothing of it lands. */
export type Trap = (touch: Touch, stick: Stick) => Promise<Manner | 'pull'> | Manner | 'pull';

/** Of a medium, in bytes a second. */
export interface Pace {
  readonly writes: number;
  readonly reads: number;
}

export interface StickOptions extends Omit<SpacepackOptions, 'log'> {
  /** The card, sector by sector; it is changed in place. */
  readonly image: Buffer;
  /** USB port, as QEMU numbers them: `1` to `8`, or `1.2` behind a hub at port 1. Default: any that is free. */
  readonly port?: string;
  /** Default `high`; behind a hub `full`. */
  readonly speed?: UsbFacts['speed'];
  /** Default `true`. */
  readonly writeCache?: boolean;
  /** How fast the medium is. Default: as fast as it can be. */
  readonly pace?: Pace;
}

/** What arrived from the host, and what the device did, in order. */
export type StickEvent =
  | { readonly atMs: number; readonly kind: 'write'; readonly first: number; readonly bytes: Buffer }
  | { readonly atMs: number; readonly kind: 'flush' | 'eject' | 'pull' }
  | { readonly atMs: number; readonly kind: 'device'; readonly message: string };

/** A SpacePack at the end of a real cable: its card is sectors, its bus is the guest's. */
export interface Stick extends SimulatedDevice {
  readonly sectors: Sectors;
  readonly image: Buffer;
  readonly events: readonly StickEvent[];
  readonly content: CardContent;
  /** Whether the lock switch of the card is on. */
  writeProtected: boolean;
  /** `null`: everything works. */
  trap: Trap | null;
  /** Forgets the events up to now. */
  clearEvents(): void;
  /** The clock of the events. */
  nowMs(): number;
  /** Ends it; takes it off the bus. */
  dispose(): Promise<void>;
}

/** Fast, but as slow as the protocol lets it be. */
export const BRISK: SomeSettings = {
  quietMs: 500,
  quietDirtyMs: 5_000,
  maxAwayMs: 30_000,
  durations: { attach: 100, away: 1_000, verify: 20, erase: 20, program: 50, start: 20, cardWrites: 10 },
};

/** How long the answer to a command may take on its way. */
const ANSWER_MS = 20;

let count = 0;

/** Lays a cable to a port of the guest. The device is not plugged in yet. */
export async function createStick(guest: Guest, options: StickOptions): Promise<Stick> {
  count += 1;
  const id = `stick${count}`;
  const sectors = sectorsOf(options.image);
  const began = performance.now();
  const now = () => performance.now() - began;
  const events: StickEvent[] = [];
  const state = { isOnBus: false, isDisposed: false, timer: null as NodeJS.Timeout | null, mediumFreeMs: 0 };

  const content = fatContent(sectors);
  const device = createDevice(
    {
      ...options,
      settings: { serial: `SP${String(count).padStart(4, '0')}`, ...BRISK, ...options.settings },
      log: ({ atMs, message }: LogEntry) => events.push({ atMs, kind: 'device', message }),
    },
    count,
    {
      now,
      later: (ms, action) => void setTimeout(action, ms),
      card: () => fatCard(sectors),
      content,
      prepareCard: () => undefined,
      leaveMountFolder: () => undefined,
      observe: () => observe(),
    },
  );
  const { firmware } = device;
  const unit: Unit = {
    vendor: firmware.settings.vendor,
    product: firmware.settings.product,
    revision: () => firmware.revision,
    sectors,
    ready: () => firmware.ready,
    writeProtected: () => stick.writeProtected,
    writeCache: options.writeCache ?? true,
    fetched: (bytes) => paced(bytes, options.pace?.reads),
    touched: (touch) => touched(touch),
  };
  const onConfigured = (): void => {
    firmware.hostConfigured();
    observe();
  };
  const port = await openPort(guest, { id, end: { unit, onConfigured }, port: options.port });
  const { cable } = port;

  /** Moves the device on or off the bus as the firmware wants it, and wakes the firmware when it asked for it. */
  const observe = (): void => {
    if (firmware.onBus !== state.isOnBus) {
      state.isOnBus = firmware.onBus;
      if (firmware.onBus) cable.connect(usbFacts(device, options.speed ?? 'high'));
      else cable.disconnect();
    }
    if (state.timer !== null) clearTimeout(state.timer);
    const wakeMs = firmware.nextWakeMs();
    if (wakeMs === null || state.isDisposed) return;
    state.timer = setTimeout(
      () => {
        firmware.run();
        observe();
      },
      Math.max(0, wakeMs - now()),
    );
  };
  /** Resolves when the medium is done with so many bytes. */
  const paced = async (bytes: number, bytesPerSecond: number = Number.POSITIVE_INFINITY): Promise<void> => {
    // A timer is never early, so what one waits too long the next one need not wait.
    state.mediumFreeMs = Math.max(state.mediumFreeMs, now() - 50) + (bytes / bytesPerSecond) * 1_000;
    if (state.mediumFreeMs > now()) await pause(state.mediumFreeMs - now());
  };
  const touched = async (touch: Touch): Promise<Manner> => {
    if (touch.kind === 'write') await paced(touch.bytes.length, options.pace?.writes);
    const manner = (await stick.trap?.(touch, stick)) ?? 'done';
    if (manner === 'pull') {
      events.push({ atMs: now(), kind: 'pull' });
      device.unplug();
      return 'gone';
    }
    if (manner !== 'done' || !firmware.ready) return firmware.ready ? manner : 'gone';
    land(touch);
    observe();
    return 'done';
  };
  const eject = (): void => {
    firmware.hostEjected();
    observe();
  };
  const land = (touch: Touch): void => {
    if (touch.kind === 'stop') {
      events.push({ atMs: now(), kind: 'eject' });
      // The host gets its answer first.
      if (touch.eject) setTimeout(eject, ANSWER_MS);
    } else if (touch.kind === 'flush') events.push({ atMs: now(), kind: 'flush' });
    else {
      events.push({ atMs: now(), kind: 'write', first: touch.first, bytes: Buffer.from(touch.bytes) });
      sectors.write(touch.first, touch.bytes);
      firmware.hostWrote();
    }
  };

  const stick: Stick = {
    ...device,
    sectors,
    image: options.image,
    events,
    content,
    writeProtected: false,
    trap: null,
    clearEvents: () => void events.splice(0),
    nowMs: now,
    async dispose() {
      state.isDisposed = true;
      device.unplug();
      if (state.timer !== null) clearTimeout(state.timer);
      await port.close();
    },
  };
  return stick;
}

function usbFacts({ firmware, serial }: SimulatedDevice, speed: UsbFacts['speed']): UsbFacts {
  const { vendorId, productId, hardware } = firmware.settings;
  return { vendorId, productId, bcdDevice: hardware, manufacturer: 'mophie', product: 'space pack', serial, speed };
}
