import { type CardOptions, factsOf, filesOf, type PartitionOptions } from '../cards/facts.ts';
import { cardOf, createMedium, fileNode, freeBytes, type Medium, putNode } from '../cards/medium.ts';
import { mediumContent } from '../cards/medium-content.ts';
import { createDevice, type SimulatedDevice } from '../spacepack/device.ts';
import type { DeviceOptions } from '../world-options.ts';
import type { MemoryHost } from './host.ts';
import type { Seat, Slot } from './seat.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** A device in memory. */
export interface MemoryDevice extends SimulatedDevice {
  /** The name of a program that holds the volume; `null`: none. */
  heldBy: string | null;
  /** Where its cable is plugged in, or will be. */
  port: string;
  /** The system's name of the drive; `null`: the computer does not see it. */
  readonly driveId: string | null;
  /** What is on its further partitions, in their order. */
  readonly partitions: readonly Medium[];
  /**
   * A program of the user saves a file on a partition, from 0, into the cache of the computer. `false`: it is not mounted, or only
   * for reading, or another program is writing the file.
   */
  save(partition: number, path: string, bytes: Uint8Array): boolean;
  /** A person checks the card in another computer, and makes room on it. */
  repair(): void;
  /** As `save`, but that all its bytes are on the card when it returns, and the firmware has noticed. */
  saveDurably(partition: number, path: string, bytes: Uint8Array): boolean;
}

/** Builds a device, puts it into a seat of the host, and plugs it in if it is asked to. */
export function createMemoryDevice(
  host: MemoryHost,
  clock: VirtualClock,
  options: DeviceOptions,
  index: number,
): MemoryDevice {
  const medium = options.card === null ? null : mediumOf(options.card ?? {});
  const partitions = (options.card?.partitions ?? []).map(partitionOf);
  const device = createDevice(options, index, {
    now: clock.now,
    later: clock.later,
    card: () => (medium === null ? null : cardOf(medium)),
    content: mediumContent(medium),
    prepareCard() {
      if (medium !== null && options.card?.isAsGiven !== true) prepare(medium, options.card ?? {});
    },
    leaveMountFolder: () => host.leaveFolder(`/media/${medium?.label ?? ''}`),
    observe: () => host.observe(),
  });
  const { firmware } = device;
  const slots: readonly Slot[] =
    medium === null ? [] : [{ medium, mount: null, isInFstab: options.card?.isInFstab ?? false }, ...partitions];
  const seat = host.add(firmware, slots, options);
  clock.add({
    nextWakeMs: () => firmware.nextWakeMs(),
    run() {
      firmware.run();
      host.observe();
    },
  });
  if (options.busyEveryMs !== undefined) keepBusy(host, clock, seat, options.busyEveryMs);
  const save: MemoryDevice['save'] = (number, path, bytes) => {
    const slot = slots[number];
    if (slot?.mount?.readOnly !== false || slot.mount.cached.has(path)) return false;
    host.cache(seat, slot, path, bytes);
    return true;
  };
  if (options.plugged !== false) device.plug();
  return {
    ...device,
    heldBy: options.heldBy ?? null,
    get port() {
      return seat.port;
    },
    set port(port) {
      seat.port = port;
    },
    get driveId() {
      return seat.isSeen ? seat.driveId : null;
    },
    partitions: partitions.map((slot) => slot.medium),
    save,
    repair() {
      if (medium === null) return;
      [medium.damaged, medium.dirtyMark, medium.rootIsFull, medium.takenBytes] = [false, false, false, 0];
    },
    saveDurably(number, path, bytes) {
      const slot = slots[number];
      if (slot === undefined || !save(number, path, bytes)) return false;
      slot.mount?.cached.delete(path);
      putNode(slot.medium, path, fileNode(bytes));
      host.wrote(seat);
      return true;
    },
  };
}

function mediumOf(options: CardOptions): Medium {
  const medium = createMedium(factsOf(options));
  for (const [path, bytes] of filesOf(options)) putNode(medium, path, fileNode(bytes));
  medium.rootIsFull = options.rootIsFull ?? false;
  if (options.isAsGiven === true) prepare(medium, options);
  return medium;
}

function partitionOf({ label = 'EXTRA', sizeBytes = 1024 ** 3, files, isInFstab }: PartitionOptions): Slot {
  const medium = createMedium({ scheme: 'mbr', fileSystem: 'fat32', label, sizeBytes });
  for (const [path, bytes] of files ?? []) putNode(medium, path, fileNode(bytes));
  return { medium, mount: null, isInFstab: isInFstab ?? false };
}

function prepare(medium: Medium, options: CardOptions): void {
  medium.writeProtected = options.writeProtected ?? false;
  medium.dirtyMark = options.dirty ?? false;
  if (options.freeBytes !== undefined) medium.takenBytes = Math.max(0, freeBytes(medium) - options.freeBytes);
}

/** Another program that writes to the volume again and again, to nobody's harm. */
function keepBusy(host: MemoryHost, clock: VirtualClock, seat: Seat, everyMs: number): void {
  const write = () => {
    if (seat.slots[0]?.mount?.readOnly === false) host.wrote(seat);
    clock.laterOnHost(everyMs, write);
  };
  clock.laterOnHost(everyMs, write);
}
