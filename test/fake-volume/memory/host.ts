import type { Drive } from '../../../src/protocol/sight.ts';
import { fileNode, putNode } from '../cards/medium.ts';
import type { UsbDevice } from '../device.ts';
import { attachmentName, createSeat, driveOf, type Seat, type Slot, type Telling } from './seat.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** How the computer behaves. Times in ms. */
export interface HostManners extends Telling {
  /** A desktop mounts a volume by itself; a headless computer does not. */
  readonly automounter: boolean;
  /** From the attach to the configuration of the device. */
  readonly configureMs: number;
  /** From the medium's readiness to the volume in the list, and to its mount by the automounter. */
  readonly volumeMs: number;
  readonly mountMs: number;
  /** After a surprise removal, until a desktop has cleared the dead mount away; a headless computer keeps it. */
  readonly clearAwayMs: number;
  /** From a program's write into the cache, until the system brings it to the card by itself: Linux has 30 s, and looks every 5. */
  readonly writeBackMs: number;
  /** `false`: nothing but time ends a wait for a change. */
  readonly wakeUps: boolean;
}

export const USUAL_MANNERS: HostManners = {
  automounter: true,
  configureMs: 120,
  volumeMs: 400,
  mountMs: 800,
  clearAwayMs: 1_000,
  writeBackMs: 33_000,
  wakeUps: true,
  serials: 'told',
  ports: 'told',
  attachments: 'told',
};

/** A file of a user that a program had written, and that was lost in the host's cache when the medium went away. */
export interface LostFile {
  readonly device: number;
  readonly slot: number;
  readonly path: string;
  /** The device left by itself, for a trigger; nobody pulled it. */
  readonly byTheDevice: boolean;
}

/** The computer of a world in memory: what its system does by itself. */
export interface MemoryHost {
  readonly manners: HostManners;
  readonly seats: readonly Seat[];
  readonly lost: readonly LostFile[];
  /** The seat of each attachment that there ever was, by its name. */
  readonly attached: ReadonlyMap<string, Seat>;
  add(device: UsbDevice, slots: readonly Slot[], given?: Parameters<typeof createSeat>[3]): Seat;
  /** Takes note of all that devices did; called after whatever may have moved one. */
  observe(): void;
  drives(): readonly Drive[];
  mount(seat: Seat, slot: Slot, options?: { readonly readOnly?: boolean }): void;
  /** Flushes, clears the dirty mark, and unmounts. */
  unmount(seat: Seat, slot: Slot): void;
  /** Puts bytes into the cache of a mount; they reach the card by a sync, an unmount, or by themselves later. */
  cache(seat: Seat, slot: Slot, path: string, bytes: Uint8Array): void;
  /** Tells the device that sectors arrived, and takes note of what it did. */
  wrote(seat: Pick<Seat, 'device'>): void;
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
  readonly lost: LostFile[];
  readonly attached: Map<string, Seat>;
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
    lost: [],
    attached: new Map(),
    folders: new Set(),
    listeners: new Set(),
    mounts: 0,
    attachments: 0,
    changes: 0,
  };
  return {
    manners,
    seats: state.seats,
    lost: state.lost,
    attached: state.attached,
    add(device, slots, given) {
      const seat = createSeat(device, slots, state.seats.length, given);
      state.seats.push(seat);
      return seat;
    },
    observe: () => observe(state),
    drives: () =>
      state.seats.filter(({ isSeen }) => isSeen).map((seat) => driveOf(seat, hasVolume(state, seat), manners)),
    mount: (seat, slot, options) => mount(state, seat, slot, options?.readOnly ?? false),
    unmount: (seat, slot) => unmount(state, seat, slot),
    cache: (seat, slot, path, bytes) => cache(state, seat, slot, path, bytes),
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
  if (state.clock.isAsleep) return;
  for (const seat of state.seats) {
    const { onBus, ready, attachCount } = seat.device;
    // It was away and is back, while nobody looked: the hub has noted it all the same.
    const isAnother = onBus && seat.isSeen && seat.attachCount !== attachCount;
    const [wasSeen, wasReady] = isAnother ? [false, false] : [seat.isSeen, seat.isReady];
    if (!isAnother && wasSeen === onBus && wasReady === ready) continue;
    if (seat.isReady && !(wasReady && ready)) lose(state, seat);
    [seat.isSeen, seat.isReady] = [onBus, ready];
    if (onBus && !wasSeen) attach(state, seat);
    if (ready && !wasReady) readMedium(state, seat);
    changed(state);
  }
}

function attach(state: HostState, seat: Seat): void {
  state.attachments += 1;
  seat.attachment = state.attachments;
  seat.attachCount = seat.device.attachCount;
  state.attached.set(attachmentName(seat, state.manners), seat);
  const taken = state.seats.filter((other) => other !== seat && other.isSeen).map(({ driveId }) => driveId);
  seat.driveId = DRIVE_IDS.find((id) => !taken.includes(id)) ?? '';
  const { attachment } = seat;
  state.clock.laterOnHost(state.manners.configureMs, () => {
    if (seat.attachment === attachment) seat.device.hostConfigured();
    observe(state);
  });
}

/** The first name that is free is given to whatever comes next, as Linux does. */
const DRIVE_IDS: readonly string[] = [...'bcdefghijklmnopqrstuvwxyz'].map((letter) => `/dev/sd${letter}`);

function readMedium(state: HostState, seat: Seat): void {
  const { clock, manners } = state;
  const { attachment } = seat;
  seat.readySinceMs = clock.now();
  clock.laterOnHost(manners.volumeMs, () => changed(state));
  if (!manners.automounter) return;
  clock.laterOnHost(manners.mountMs, () => {
    if (seat.attachment !== attachment || !hasVolume(state, seat)) return;
    for (const slot of seat.slots) if (!slot.isInFstab) mount(state, seat, slot, false);
  });
}

/** The medium is gone: what the cache held back is lost, and mounts are dead. */
function lose({ clock, manners, folders, lost }: HostState, seat: Seat): void {
  for (const [index, slot] of seat.slots.entries()) {
    const { mount: dead } = slot;
    slot.mount = null;
    if (dead === null) continue;
    const byTheDevice = seat.device.hasLeftByItself;
    for (const path of dead.cached.keys()) lost.push({ device: seat.index, slot: index, path, byTheDevice });
    folders.add(dead.path);
    if (manners.automounter) clock.laterOnHost(manners.clearAwayMs, () => folders.delete(dead.path));
  }
}

function mount(state: HostState, seat: Seat, slot: Slot, isWantedReadOnly: boolean): void {
  const { medium } = slot;
  if (slot.mount !== null || !seat.isReady) return;
  state.mounts += 1;
  const readOnly = isWantedReadOnly || medium.writeProtected;
  const ownsDirtyMark = !readOnly && !medium.dirtyMark;
  const path = freePath(state, medium.label);
  slot.mount = { path, id: `mount-${state.mounts}`, readOnly, ownsDirtyMark, cached: new Map(), heldFor: null };
  if (ownsDirtyMark) {
    medium.dirtyMark = true;
    wrote(state, seat);
  }
  changed(state);
}

function unmount(state: HostState, seat: Seat, slot: Slot): void {
  const { mount: live, medium } = slot;
  if (live === null) return;
  for (const [path, bytes] of live.cached) putNode(medium, path, fileNode(bytes));
  const hasWritten = live.cached.size > 0 || live.ownsDirtyMark;
  slot.mount = null;
  if (live.ownsDirtyMark) medium.dirtyMark = false;
  if (hasWritten || !live.readOnly) wrote(state, seat);
  changed(state);
}

function cache(state: HostState, seat: Seat, slot: Slot, path: string, bytes: Uint8Array): void {
  const { mount: live, medium } = slot;
  if (live === null) return;
  live.cached.set(path, bytes);
  state.clock.laterOnHost(state.manners.writeBackMs, () => {
    if (slot.mount !== live || live.cached.get(path) !== bytes) return;
    live.cached.delete(path);
    putNode(medium, path, fileNode(bytes));
    wrote(state, seat);
  });
}

function wrote(state: HostState, { device }: Pick<Seat, 'device'>): void {
  device.hostWrote();
  observe(state);
}

function freePath({ folders, seats }: HostState, label: string): string {
  const live = seats.flatMap(({ slots }) => slots.map(({ mount }) => mount?.path));
  const taken = new Set([...folders, ...live]);
  const base = `/media/${label}`;
  let path = base;
  for (let count = 1; taken.has(path); count += 1) path = `${base} ${count}`;
  return path;
}
