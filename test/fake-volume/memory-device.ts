import { factsOf, filesOf } from './card-facts.ts';
import { createDevice, type SimulatedDevice } from './device.ts';
import { cardOf, createMedium, fileNode, freeBytes, type Medium, putNode } from './medium.ts';
import { mediumContent } from './medium-content.ts';
import type { MemoryHost } from './memory-host.ts';
import type { Seat } from './seat.ts';
import type { VirtualClock } from './virtual-clock.ts';
import type { CardOptions, DeviceOptions } from './world-options.ts';

/** A device in memory. */
export interface MemoryDevice extends SimulatedDevice {
  /** The name of a program that holds the volume; `null`: none. */
  heldBy: string | null;
}

/** Builds a device, puts it into a seat of the host, and plugs it in if it is asked to. */
export function createMemoryDevice(
  host: MemoryHost,
  clock: VirtualClock,
  options: DeviceOptions,
  index: number,
): MemoryDevice {
  const medium = options.card === null ? null : mediumOf(options.card ?? {});
  const device = createDevice(options, index, {
    now: clock.now,
    later: clock.later,
    card: () => (medium === null ? null : cardOf(medium)),
    content: mediumContent(medium),
    prepareCard: () => medium !== null && prepare(medium, options.card ?? {}),
    leaveMountFolder: () => host.leaveFolder(`/media/${medium?.label ?? ''}`),
    observe: () => host.observe(),
  });
  const { firmware } = device;
  const seat = host.add(firmware, medium);
  clock.add({
    nextWakeMs: () => firmware.nextWakeMs(),
    run() {
      firmware.run();
      host.observe();
    },
  });
  if (options.busyEveryMs !== undefined) keepBusy(host, clock, seat, options.busyEveryMs);
  if (options.plugged !== false) device.plug();
  return { ...device, heldBy: options.heldBy ?? null };
}

function mediumOf(options: CardOptions): Medium {
  const medium = createMedium(factsOf(options));
  for (const [path, bytes] of filesOf(options)) putNode(medium, path, fileNode(bytes));
  return medium;
}

function prepare(medium: Medium, options: CardOptions): void {
  medium.writeProtected = options.writeProtected ?? false;
  medium.dirtyMark = options.dirty ?? false;
  if (options.freeBytes !== undefined) medium.takenBytes = freeBytes(medium) - options.freeBytes;
}

/** Another program that writes to the volume again and again, to nobody's harm. */
function keepBusy(host: MemoryHost, clock: VirtualClock, seat: Seat, everyMs: number): void {
  const write = () => {
    if (seat.mount !== null && !seat.mount.readOnly) host.wrote(seat);
    clock.later(everyMs, write);
  };
  clock.later(everyMs, write);
}
