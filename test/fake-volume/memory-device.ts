import type { CardContent } from './card-content.ts';
import { userFiles } from './card-content.ts';
import { createFirmware, type Firmware, type LogEntry } from './firmware.ts';
import { buildImage } from './image-build.ts';
import { cardOf, FOREIGN, fileNode, freeBytes, type Medium, putNode } from './medium.ts';
import type { MemoryHost, Seat } from './memory-host.ts';
import { factoryMemory } from './nonvolatile.ts';
import { seededRandom } from './random.ts';
import { DEFAULT_SETTINGS, type DeviceSettings } from './settings.ts';
import { type Trouble, troubleFrom } from './trouble.ts';
import { someUserFiles } from './user-files.ts';
import type { VirtualClock } from './virtual-clock.ts';
import type { CardOptions, DeviceOptions } from './world-options.ts';

/** A device of a world, with what a person can do to it. */
export interface MemoryDevice {
  readonly serial: string;
  readonly firmware: Firmware;
  readonly card: CardContent;
  /** All that the device did since the world began. */
  readonly log: readonly LogEntry[];
  /** The name of a program that holds the volume; `null`: none. May be changed. */
  heldBy: string | null;
  /** Now: reads the user's files from the card, for comparing. */
  userFiles(): ReadonlyMap<string, Uint8Array>;
  plug(): void;
  /** What the host's cache held back is lost. */
  unplug(): void;
  losePower(): void;
  restorePower(): void;
}

/** Builds a device, puts it into a seat of the host, and plugs it in if it is asked to. */
export function createMemoryDevice(
  host: MemoryHost,
  clock: VirtualClock,
  options: DeviceOptions,
  index: number,
): MemoryDevice {
  const settings = settingsOf(options, index);
  const medium = options.card === null ? null : createMedium(options.card ?? {});
  const card = contentOf(medium);
  const log: LogEntry[] = [];
  const image = options.runs === null ? null : buildImage({ version: { major: 1 }, ...options.runs });
  const firmware: Firmware = createFirmware({
    settings,
    memory: factoryMemory(image, options.securityFloor),
    card: () => (medium === null ? null : cardOf(medium)),
    now: clock.now,
    random: seededRandom(settings.serial),
    batteryPercent: options.battery ?? 80,
    log: (entry) => {
      log.push(entry);
      options.log?.(entry);
    },
    troubleAt: troubleFrom([prepareCard(medium, options.card ?? {}), ...(options.troubles ?? [])], () => ({
      firmware,
      card,
      later: clock.later,
      leaveMountFolder: () => host.leaveFolder(`/media/${medium?.label ?? ''}`),
    })),
  });
  const seat = host.add(firmware, medium);
  clock.add({ nextWakeMs: () => firmware.nextWakeMs(), run: () => observed(firmware.run) });
  if (options.busyEveryMs !== undefined) keepBusy(host, clock, seat, options.busyEveryMs);

  function observed(action: () => void): void {
    action();
    host.observe();
  }
  if (options.plugged !== false) observed(firmware.plug);
  return {
    serial: settings.serial,
    firmware,
    card,
    log,
    heldBy: options.heldBy ?? null,
    userFiles: () => userFiles(card),
    plug: () => observed(firmware.plug),
    unplug: () => observed(firmware.unplug),
    losePower: () => observed(firmware.losePower),
    restorePower: () => observed(firmware.restorePower),
  };
}

function settingsOf({ settings }: DeviceOptions, index: number): DeviceSettings {
  const serial = `SP${String(index + 1).padStart(8, '0')}`;
  const durations = { ...DEFAULT_SETTINGS.durations, ...settings?.durations };
  return { ...DEFAULT_SETTINGS, serial, ...settings, durations };
}

function createMedium(options: CardOptions): Medium {
  const medium: Medium = {
    scheme: options.scheme ?? 'mbr',
    fileSystem: options.fileSystem === undefined ? 'fat32' : options.fileSystem,
    label: options.label ?? 'SPACEPACK',
    sizeBytes: options.sizeBytes ?? 1024 ** 3,
    writeProtected: false,
    dirtyMark: false,
    damaged: false,
    takenBytes: 0,
    nodes: new Map(),
  };
  for (const [path, bytes] of options.files ?? someUserFiles()) putNode(medium, path, fileNode(bytes));
  return medium;
}

/** The state that the card is found in, once the device has put its own files on it. */
function prepareCard(medium: Medium | null, options: CardOptions): Trouble {
  return {
    at: 'ready',
    visits: [1],
    does() {
      if (medium === null) return;
      medium.writeProtected = options.writeProtected ?? false;
      medium.dirtyMark = options.dirty ?? false;
      if (options.freeBytes !== undefined) medium.takenBytes = freeBytes(medium) - options.freeBytes;
    },
  };
}

function contentOf(medium: Medium | null): CardContent {
  const files = () => [...(medium?.nodes ?? [])].filter(([, node]) => node.kind === 'file');
  return {
    paths: () => files().map(([path]) => path),
    read: (path) => files().find(([candidate]) => candidate === path)?.[1].bytes ?? null,
    write: (path, bytes) => medium !== null && putNode(medium, path, fileNode(bytes)),
    writeForeign: (path) => medium !== null && putNode(medium, path, FOREIGN),
    remove: (path) => void medium?.nodes.delete(path),
    damage() {
      if (medium !== null) medium.damaged = true;
    },
  };
}

/** Another program that writes to the volume again and again, to nobody's harm. */
function keepBusy(host: MemoryHost, clock: VirtualClock, seat: Seat, everyMs: number): void {
  const write = () => {
    if (seat.mount !== null && !seat.mount.readOnly) host.wrote(seat);
    clock.later(everyMs, write);
  };
  clock.later(everyMs, write);
}
