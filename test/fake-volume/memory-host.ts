import type { Drive } from '../../src/protocol/sight.ts';
import type { Firmware } from './firmware.ts';
import { fileNode, type Medium, putNode } from './medium.ts';
import { createSeat, driveOf, type Seat } from './seat.ts';
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

/** The computer of a world in memory: what its system does by itself. */
export interface MemoryHost {
  readonly seats: readonly Seat[];
  add(firmware: Firmware, medium: Medium | null): Seat;
  /** Takes note of all that devices did; called after whatever may have moved one. */
  observe(): void;
  drives(): readonly Drive[];
  /** `readOnly` writes nothing to the medium: no dirty mark either. */
  mount(seat: Seat, readOnly?: boolean): void;
  /** Flushes, clears the dirty mark, and unmounts the drive of this name. */
  unmount(driveId: string): void;
  /** Tells the firmware that sectors arrived, and takes note of what it did. */
  wrote(seat: Pick<Seat, 'firmware'>): void;
  /** A folder is in the way of the next mount of this name. */
  leaveFolder(path: string): void;
  /** How many changes there were that wake whoever waits. */
  changeCount(): number;
  /** Calls back at the next changes; the result calls it off. */
  onChange(action: () => void): () => void;
}

interface HostState {
  readonly clock: VirtualClock;
  readonly manners: HostManners;
  readonly seats: Seat[];
  /** Folders below `/media` that no live mount has. */
  readonly folders: Set<string>;
  readonly listeners: Set<() => void>;
  mounts: number;
  attachments: number;
  changes: number;
}

export function createMemoryHost(clock: VirtualClock, manners: HostManners): MemoryHost {
  const state: HostState = {
    clock,
    manners,
    seats: [],
    folders: new Set(),
    listeners: new Set(),
    mounts: 0,
    attachments: 0,
    changes: 0,
  };
  return {
    seats: state.seats,
    add(firmware, medium) {
      const seat = createSeat(firmware, medium, state.seats.length);
      state.seats.push(seat);
      return seat;
    },
    observe: () => observe(state),
    drives: () => state.seats.filter(({ isSeen }) => isSeen).map((seat) => driveOf(seat, hasVolume(state, seat))),
    mount: (seat, readOnly) => mount(state, seat, readOnly),
    unmount: (driveId) => unmount(state, driveId),
    wrote: (seat) => wrote(state, seat),
    leaveFolder: (path) => void state.folders.add(path),
    changeCount: () => state.changes,
    onChange(action) {
      state.listeners.add(action);
      return () => void state.listeners.delete(action);
    },
  };
}

function changed(state: HostState): void {
  if (!state.manners.wakeUps) return;
  state.changes += 1;
  for (const action of [...state.listeners]) action();
}

function hasVolume({ clock, manners }: HostState, seat: Seat): boolean {
  return seat.isReady && clock.now() >= seat.readySinceMs + manners.volumeMs;
}

function observe(state: HostState): void {
  for (const seat of state.seats) {
    const { onBus, ready } = seat.firmware;
    const { isSeen, isReady } = seat;
    if (isSeen === onBus && isReady === ready) continue;
    [seat.isSeen, seat.isReady] = [onBus, ready];
    if (isReady && !ready) lose(state, seat);
    if (onBus && !isSeen) attach(state, seat);
    if (ready && !isReady) readMedium(state, seat);
    changed(state);
  }
}

function attach(state: HostState, seat: Seat): void {
  state.attachments += 1;
  seat.attachment = state.attachments;
  const { attachment } = seat;
  state.clock.later(state.manners.configureMs, () => {
    if (seat.attachment === attachment) seat.firmware.hostConfigured();
    observe(state);
  });
}

function readMedium(state: HostState, seat: Seat): void {
  const { clock, manners } = state;
  const { attachment } = seat;
  seat.readySinceMs = clock.now();
  clock.later(manners.volumeMs, () => changed(state));
  if (!manners.automounter) return;
  clock.later(manners.mountMs, () => {
    if (seat.attachment === attachment && hasVolume(state, seat)) mount(state, seat);
  });
}

/** The medium is gone: what the cache held back is lost, and a mount is dead. */
function lose({ clock, manners, folders }: HostState, seat: Seat): void {
  const dead = seat.mount?.path;
  seat.mount = null;
  if (dead === undefined) return;
  folders.add(dead);
  if (manners.automounter) clock.later(manners.clearAwayMs, () => folders.delete(dead));
}

function mount(state: HostState, seat: Seat, onlyRead: boolean = false): void {
  const { medium } = seat;
  if (seat.mount !== null || !seat.isReady || medium === null) return;
  state.mounts += 1;
  const readOnly = medium.writeProtected || onlyRead;
  const ownsDirtyMark = !readOnly && !medium.dirtyMark;
  const path = freePath(state, medium.label);
  seat.mount = { path, id: `mount-${state.mounts}`, readOnly, ownsDirtyMark, cached: new Map() };
  if (ownsDirtyMark) {
    medium.dirtyMark = true;
    wrote(state, seat);
  }
  changed(state);
}

function unmount(state: HostState, driveId: string): void {
  const seat = state.seats.find((candidate) => candidate.driveId === driveId);
  const { mount: live = null, medium = null } = seat ?? {};
  if (seat === undefined || live === null || medium === null) return;
  for (const [path, bytes] of live.cached) putNode(medium, path, fileNode(bytes));
  seat.mount = null;
  if (live.ownsDirtyMark) medium.dirtyMark = false;
  wrote(state, seat);
  changed(state);
}

function wrote(state: HostState, { firmware }: Pick<Seat, 'firmware'>): void {
  firmware.hostWrote();
  observe(state);
}

function freePath({ folders, seats }: HostState, label: string): string {
  const taken = new Set([...folders, ...seats.map((seat) => seat.mount?.path)]);
  const base = `/media/${label}`;
  let path = base;
  for (let count = 1; taken.has(path); count += 1) path = `${base} ${count}`;
  return path;
}
