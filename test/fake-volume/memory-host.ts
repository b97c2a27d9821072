import type { Drive, Mount, Volume } from '../../src/protocol/sight.ts';
import type { Firmware } from './firmware.ts';
import { fileNode, type Medium, putNode } from './medium.ts';
import { MEDIA_NAME } from './settings.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** How the computer behaves. Times in ms. */
export interface HostManners {
  /** A desktop mounts a volume by itself; a headless computer does not. */
  readonly automounter: boolean;
  /** From the attach to the configuration of the device. */
  readonly configureMs: number;
  /** From the medium's readiness to the volume in the list, and to its mount by the automounter. */
  readonly volumeMs: number;
  readonly mountMs: number;
  /** After a surprise removal, until a desktop has cleared the dead mount away; a headless computer keeps it. */
  readonly clearAwayMs: number;
  /** `false`: nothing but time ends a wait for a change. */
  readonly wakeUps: boolean;
}

export const USUAL_MANNERS: HostManners = {
  automounter: true,
  configureMs: 120,
  volumeMs: 400,
  mountMs: 800,
  clearAwayMs: 1_000,
  wakeUps: true,
};

/** A mount with what the host's cache holds back from the card. */
export interface LiveMount extends Mount {
  /** Whether this mount set the dirty mark, so that the unmount clears it. vfat leaves a mark that it found. */
  readonly ownsDirtyMark: boolean;
  /** Bytes of files that no fsync has brought to the card yet, by path. */
  readonly cached: Map<string, Uint8Array>;
}

/** A device and what the host knows of it. */
export interface Seat {
  readonly firmware: Firmware;
  readonly medium: Medium | null;
  readonly driveId: string;
  attachment: number;
  isSeen: boolean;
  isReady: boolean;
  readySinceMs: number;
  mount: LiveMount | null;
}

/** How a seat's present attachment is called in `Drive.attachment`. */
export function attachmentName({ attachment }: Seat): string {
  return `attachment-${attachment}`;
}

export interface MemoryHost {
  readonly seats: readonly Seat[];
  add(firmware: Firmware, medium: Medium | null): Seat;
  /** Takes note of all that devices did; called after whatever may move one. */
  observe(): void;
  drives(): readonly Drive[];
  mount(seat: Seat): void;
  /** Flushes, clears the dirty mark, unmounts the drive of this name. */
  unmount(driveId: string): void;
  /** Tells the firmware that sectors arrived, and takes note of what it did. */
  wrote(seat: Pick<Seat, 'firmware'>): void;
  /** A folder is in the way of the next mount of this name. */
  leaveFolder(path: string): void;
  /** Calls back at the next change; the result calls it off. */
  onChange(action: () => void): () => void;
}

export function createMemoryHost(clock: VirtualClock, manners: HostManners): MemoryHost {
  const seats: Seat[] = [];
  const folders = new Set<string>();
  const listeners = new Set<() => void>();
  let mounts = 0;
  let attachments = 0;

  const changed = () => {
    if (!manners.wakeUps) return;
    for (const action of [...listeners]) action();
  };
  const freePath = (label: string): string => {
    const taken = new Set([...folders, ...seats.map((seat) => seat.mount?.path)]);
    const base = `/media/${label}`;
    let path = base;
    for (let count = 1; taken.has(path); count += 1) path = `${base} ${count}`;
    return path;
  };
  const wrote = (seat: Pick<Seat, 'firmware'>) => {
    seat.firmware.hostWrote();
    observe();
  };
  const mount = (seat: Seat) => {
    const { medium } = seat;
    if (seat.mount !== null || !seat.isReady || medium === null) return;
    mounts += 1;
    const readOnly = medium.writeProtected;
    const ownsDirtyMark = !readOnly && !medium.dirtyMark;
    seat.mount = { path: freePath(medium.label), id: `mount-${mounts}`, readOnly, ownsDirtyMark, cached: new Map() };
    if (ownsDirtyMark) {
      medium.dirtyMark = true;
      wrote(seat);
    }
    changed();
  };
  const attached = (seat: Seat) => {
    attachments += 1;
    seat.attachment = attachments;
    const { attachment } = seat;
    clock.later(manners.configureMs, () => {
      if (seat.attachment === attachment) seat.firmware.hostConfigured();
      observe();
    });
  };
  const becameReady = (seat: Seat) => {
    seat.readySinceMs = clock.now();
    const { attachment } = seat;
    clock.later(manners.volumeMs, changed);
    if (!manners.automounter) return;
    clock.later(manners.mountMs, () => {
      if (seat.attachment === attachment && isListed(seat)) mount(seat);
    });
  };
  const lost = (seat: Seat) => {
    const dead = seat.mount?.path;
    seat.mount = null;
    if (dead === undefined) return;
    folders.add(dead);
    if (manners.automounter) clock.later(manners.clearAwayMs, () => folders.delete(dead));
  };
  const isListed = (seat: Seat) => seat.isReady && clock.now() >= seat.readySinceMs + manners.volumeMs;
  const observe = () => {
    for (const seat of seats) {
      const { onBus, ready } = seat.firmware;
      const before = [seat.isSeen, seat.isReady];
      if (!onBus && seat.isSeen) lost(seat);
      if (onBus && !seat.isSeen) attached(seat);
      if (!ready && seat.isReady) lost(seat);
      if (ready && !seat.isReady) {
        seat.isReady = true;
        becameReady(seat);
      }
      [seat.isSeen, seat.isReady] = [onBus, ready];
      if (before[0] !== onBus || before[1] !== ready) changed();
    }
  };
  return {
    seats,
    add(firmware, medium) {
      const driveId = `/dev/sd${String.fromCharCode('b'.charCodeAt(0) + seats.length)}`;
      const seat: Seat = {
        firmware,
        medium,
        driveId,
        attachment: 0,
        isSeen: false,
        isReady: false,
        readySinceMs: 0,
        mount: null,
      };
      seats.push(seat);
      return seat;
    },
    observe,
    drives: () => seats.filter((seat) => seat.isSeen).map((seat) => driveOf(seat, isListed(seat))),
    mount,
    unmount(driveId) {
      const seat = seats.find((candidate) => candidate.driveId === driveId);
      const { mount: live = null, medium = null } = seat ?? {};
      if (seat === undefined || live === null || medium === null) return;
      for (const [path, bytes] of live.cached) putNode(medium, path, fileNode(bytes));
      seat.mount = null;
      if (live.ownsDirtyMark) medium.dirtyMark = false;
      wrote(seat);
      changed();
    },
    wrote,
    leaveFolder: (path) => void folders.add(path),
    onChange(action) {
      listeners.add(action);
      return () => void listeners.delete(action);
    },
  };
}

function driveOf(seat: Seat, hasVolume: boolean): Drive {
  const { firmware, medium } = seat;
  const { settings } = firmware;
  const hasMedium = medium !== null && seat.isReady;
  return {
    id: seat.driveId,
    attachment: attachmentName(seat),
    usb: {
      vendorId: settings.vendorId,
      productId: settings.productId,
      bcdDevice: settings.hardware,
      serial: settings.serial,
      port: `1-${seat.driveId.charCodeAt(7) - 'a'.charCodeAt(0)}`,
      revision: firmware.revision,
    },
    mediaName: MEDIA_NAME,
    sizeBytes: hasMedium ? medium.sizeBytes : 0,
    writeProtected: hasMedium && medium.writeProtected,
    scheme: hasMedium ? medium.scheme : 'unknown',
    volumes: hasMedium && hasVolume ? [volumeOf(seat, medium)] : [],
  };
}

function volumeOf({ driveId, mount }: Seat, medium: Medium): Volume {
  const id = medium.scheme === 'none' ? driveId : `${driveId}1`;
  const shown = mount === null ? null : { path: mount.path, id: mount.id, readOnly: mount.readOnly };
  return { id, label: medium.label, fileSystem: medium.fileSystem, sizeBytes: medium.sizeBytes, mount: shown };
}
