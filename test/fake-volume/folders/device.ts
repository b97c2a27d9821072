import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type CardOptions, factsOf, filesOf, isControlVolume } from '../cards/facts.ts';
import type { UsbDevice } from '../device.ts';
import { createDevice, type SimulatedDevice } from '../spacepack/device.ts';
import type { DeviceOptions } from '../world-options.ts';
import { folderCard } from './card.ts';
import { folderContent } from './content.ts';
import { createFolderPlace, type DriveFile, type FolderPlace } from './place.ts';
import { folderSignature } from './signature.ts';

/** What a world of folders gives to its devices. */
export interface FolderSurroundings {
  /** Where volumes appear. */
  readonly root: string;
  /** Where cards are while they are off the bus; on the file system of `root`. */
  readonly storage: string;
  /** Whether volumes appear mounted. */
  readonly automounter: boolean;
  /** A folder of that name, which is no volume, is in the way. */
  leaveFolder(name: string): void;
  now(): number;
  later(ms: number, action: () => void): void;
}

export interface FolderDevice extends SimulatedDevice {
  /** Looks what the host did to the folder, lets the firmware do what is due, and moves the folder. */
  look(): void;
  /** Moves the card off the bus for good. */
  takeAway(): void;
}

/** A drive without a medium, of which there is only an empty folder. */
const NO_CARD: CardOptions = { files: new Map(), sizeBytes: 0 };

/** Builds a device whose card is a folder, and plugs it in if it is asked to. */
export function createFolderDevice(world: FolderSurroundings, options: DeviceOptions, index: number): FolderDevice {
  const cardOptions: CardOptions = options.card === null ? NO_CARD : (options.card ?? {});
  const facts = factsOf(cardOptions);
  const state = { damaged: false, writeProtected: false, leftDirty: false, freeBytes: facts.sizeBytes / 2, seen: '' };
  const home = join(world.storage, `card-${index + 1}`);
  const place = createFolderPlace(world.root, home);
  fill(home, filesOf(cardOptions));

  const mayWrite = () => !state.writeProtected;
  const card = folderCard(place.path, {
    dirty: () => state.leftDirty || (place.isMounted() && mayWrite()),
    freeBytes: () => state.freeBytes,
    damaged: () => state.damaged,
    writeProtected: () => state.writeProtected,
  });
  const device = createDevice(options, index, {
    now: world.now,
    later: world.later,
    card: () => (isControlVolume(facts) ? card : null),
    content: folderContent(place.path, () => {
      state.damaged = true;
    }),
    prepareCard() {
      state.writeProtected = cardOptions.writeProtected ?? false;
      state.leftDirty = cardOptions.dirty ?? false;
      state.freeBytes = cardOptions.freeBytes ?? state.freeBytes;
    },
    leaveMountFolder: () => world.leaveFolder(facts.label),
    observe: () => move(),
  });
  const { firmware } = device;

  let isHere = false;
  let isOnBus = false;
  const signature = () => `${place.isMounted()}\n${folderSignature(place.path())}`;
  const move = () => {
    if (isHere && !firmware.ready) {
      state.leftDirty ||= place.isMounted() && mayWrite();
      place.leave();
    }
    if (!isHere && firmware.ready) {
      const { writeProtected, freeBytes } = state;
      const { vendor, product } = firmware.settings;
      const names = { vendor, product, mediaName: `${vendor} ${product}` };
      place.arrive({ ...facts, ...names, usb: usbOf(firmware, index), writeProtected, freeBytes }, world.automounter);
      // The mount sets the dirty mark: a first write.
      world.later(0, firmware.hostWrote);
      state.seen = signature();
    }
    isHere = firmware.ready;
    if (firmware.onBus && !isOnBus) world.later(0, firmware.hostConfigured);
    isOnBus = firmware.onBus;
  };
  const look = () => {
    const now = isHere ? signature() : state.seen;
    if (now !== state.seen) {
      state.seen = now;
      firmware.hostWrote();
    }
    firmware.run();
    move();
  };
  if (options.busyEveryMs !== undefined) keepBusy(world, place, firmware, options.busyEveryMs);
  if (options.plugged !== false) device.plug();
  return { ...device, look, takeAway: () => place.leave() };
}

function fill(home: string, files: ReadonlyMap<string, Uint8Array>): void {
  mkdirSync(home, { recursive: true });
  for (const [path, bytes] of files) {
    const file = join(home, ...path.split('/'));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, bytes);
  }
}

function usbOf({ settings, revision }: UsbDevice, index: number): DriveFile['usb'] {
  return {
    vendorId: settings.vendorId,
    productId: settings.productId,
    bcdDevice: settings.hardware,
    serial: settings.serial,
    port: `1-${index + 1}`,
    revision,
  };
}

/** Another program that writes to the volume again and again, to nobody's harm. */
function keepBusy(world: FolderSurroundings, place: FolderPlace, device: UsbDevice, everyMs: number): void {
  const write = () => {
    if (place.isMounted()) device.hostWrote();
    world.later(everyMs, write);
  };
  world.later(everyMs, write);
}
