import type { Drive } from '../../src/protocol/sight.ts';
import type { MemoryDevice } from './memory/device.ts';
import type { HostManners } from './memory/host.ts';
import type { LookFailure, Operation, OperationFailure } from './memory/operations.ts';
import type { OwnCall, OwnDiskFailure } from './memory/stores.ts';
import type { LogEntry } from './spacepack/firmware.ts';
import type { ImageOptions } from './spacepack/image/build.ts';
import type { SomeSettings } from './spacepack/settings.ts';
import type { Trouble } from './spacepack/trouble.ts';

/** A device and its card, as far as they differ from a SpacePack that has left the shop with a user's files on its card. */
export interface DeviceOptions {
  readonly settings?: SomeSettings;
  /** Percent. Default 80. */
  readonly battery?: number;
  /** What runs at the start, or its image; `null`: nothing, so that it is in mode `bootloader`. Default version 1.0.0. */
  readonly runs?: ImageOptions | Uint8Array | null;
  /** Default 1. */
  readonly securityFloor?: number;
  readonly card?: CardOptions | null;
  readonly troubles?: readonly Trouble[];
  /** What its USB descriptor says. Default: the serial of the settings; `null`: it has no serial number. */
  readonly usbSerial?: string | null;
  /** Where it is plugged in. Default: `1-1` and so on, in the order of the devices. */
  readonly port?: string;
  /** Plugged in when the world begins. Default `true`. */
  readonly plugged?: boolean;
  /** The name of a program that holds the volume, so that it cannot be unmounted. */
  readonly heldBy?: string;
  /** Another program writes to the volume so often, in ms, as long as it is mounted. */
  readonly busyEveryMs?: number;
  readonly log?: (entry: LogEntry) => void;
}

export interface CardOptions {
  /** Default `SPACEPACK`. */
  readonly label?: string;
  readonly scheme?: Drive['scheme'];
  /** Default `fat32`. */
  readonly fileSystem?: string | null;
  /** Default 1 GiB. */
  readonly sizeBytes?: number;
  /** Less is free than the files leave, once the device has put its own files on the card. */
  readonly freeBytes?: number;
  /** The lock switch is on, once the device has put its own files on the card. */
  readonly writeProtected?: boolean;
  /** A host left it without unmounting, after the device had put its own files on the card. */
  readonly dirty?: boolean;
  /** `freeBytes`, `writeProtected` and `dirty` hold before the device has put its own files on the card. */
  readonly isAsGiven?: boolean;
  /** Its root folder takes no further entry. */
  readonly rootIsFull?: boolean;
  /** The automounter leaves it alone: it was mounted at the start of the computer, and is not mounted again when it comes back. */
  readonly isInFstab?: boolean;
  /** By path. Default: a few files of a user. */
  readonly files?: ReadonlyMap<string, Uint8Array>;
  /** Behind the control volume. */
  readonly partitions?: readonly PartitionOptions[];
}

/** A further partition on a card, which belongs to the user alone. */
export interface PartitionOptions {
  /** Default `EXTRA`. */
  readonly label?: string;
  readonly sizeBytes?: number;
  readonly files?: ReadonlyMap<string, Uint8Array>;
  readonly isInFstab?: boolean;
}

export interface WorldOptions {
  /** `desktop` mounts by itself, `headless` does not. Default `desktop`. */
  readonly host?: 'desktop' | 'headless';
  readonly manners?: Partial<HostManners>;
  /** Default: one device. Serials that are not given are counted up. */
  readonly devices?: readonly DeviceOptions[];
  /** The same seed gives the same nonces. */
  readonly seed?: string;
  /** Until an fsync of the folder, the card has an entry of size 0. Default `false`. */
  readonly lateEntries?: boolean;
  /** How long a look takes, in ms. Default 0. */
  readonly listMs?: number;
  /** How many looks fail, from the first one on. Default 0. */
  readonly failingLists?: number;
  /** Looks that fail or hang. */
  readonly lookFailures?: readonly LookFailure[];
  /** Operations of the port that fail or hang. */
  readonly failures?: readonly OperationFailure[];
  /** How the computer's own disk fails, where records and locks lie. */
  readonly ownDisk?: readonly OwnDiskFailure[];
  /** Called before each call to the own disk takes effect. */
  readonly onOwnCall?: (process: number, call: OwnCall) => void;
  /** Called before each operation of the port takes effect; may unplug the device, or throw what the verb shall reject with. */
  readonly onOperation?: (operation: Operation, device: MemoryDevice) => void | Promise<void>;
}
