import type { CardOptions } from './cards/facts.ts';
import type { MemoryDevice } from './memory/device.ts';
import type { HostManners } from './memory/host.ts';
import type { LookFailure, Operation, OperationFailure } from './memory/operations.ts';
import type { OwnCall, OwnDiskFailure } from './memory/stores.ts';
import type { SpacepackOptions } from './spacepack/device.ts';

/** A device, its card and its place, as far as they differ from a SpacePack that has left the shop with a user's files on its card. */
export interface DeviceOptions extends SpacepackOptions {
  readonly card?: CardOptions | null;
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
