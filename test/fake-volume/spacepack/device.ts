import { type CardContent, userFiles } from '../cards/content.ts';
import type { DeviceWorld } from '../device.ts';
import { seededRandom } from '../random.ts';
import { createFirmware, type Firmware, type LogEntry } from './firmware.ts';
import { buildImage, type ImageOptions } from './image/build.ts';
import { factoryMemory } from './nonvolatile.ts';
import { type SomeSettings, settingsOf } from './settings.ts';
import { type Trouble, troubleFrom } from './trouble.ts';

/** A device of a world, with what a person can do to it. */
export interface SimulatedDevice {
  readonly serial: string;
  readonly firmware: Firmware;
  readonly card: CardContent;
  /** All that the device did since the world began. */
  readonly log: readonly LogEntry[];
  /** The user's files as they are on the card now, by path: for comparing every byte (`changedFiles`). */
  userFiles(): ReadonlyMap<string, Uint8Array>;
  /** Cable in. */
  plug(): void;
  /** Cable out; what the host held back from the card is lost. */
  unplug(): void;
  /** Cable and battery give nothing any more. */
  losePower(): void;
  restorePower(): void;
}

/** A SpacePack, as far as it differs from one that has left the shop. */
export interface SpacepackOptions {
  readonly settings?: SomeSettings;
  /** Percent. Default 80. */
  readonly battery?: number;
  /** What runs at the start, or its image; `null`: nothing, so that it is in mode `bootloader`. Default version 1.0.0. */
  readonly runs?: ImageOptions | Uint8Array | null;
  /** Default 1. */
  readonly securityFloor?: number;
  readonly troubles?: readonly Trouble[];
  readonly log?: (entry: LogEntry) => void;
}

/** Builds a device that is not plugged in yet. `index` counts the devices of a world from 0. */
export function createDevice(options: SpacepackOptions, index: number, world: DeviceWorld): SimulatedDevice {
  const settings = settingsOf(options.settings ?? {}, index);
  const log: LogEntry[] = [];
  const image = imageOf(options.runs);
  const prepare: Trouble = { at: 'ready', visits: [1], does: () => world.prepareCard() };
  const firmware: Firmware = createFirmware({
    settings,
    memory: factoryMemory(image, options.securityFloor),
    card: () => world.card(),
    now: () => world.now(),
    random: seededRandom(settings.serial),
    batteryPercent: options.battery ?? 80,
    log(entry) {
      log.push(entry);
      options.log?.(entry);
    },
    troubleAt: troubleFrom([prepare, ...(options.troubles ?? [])], () => ({
      firmware,
      card: world.content,
      later: (ms, action) => world.later(ms, observed(action)),
      leaveMountFolder: () => world.leaveMountFolder(),
    })),
  });
  const observed = (action: () => void) => () => {
    action();
    world.observe();
  };
  return {
    serial: settings.serial,
    firmware,
    card: world.content,
    log,
    userFiles: () => userFiles(world.content),
    plug: observed(firmware.plug),
    unplug: observed(firmware.unplug),
    losePower: observed(firmware.losePower),
    restorePower: observed(firmware.restorePower),
  };
}

function imageOf(runs: SpacepackOptions['runs']): Uint8Array | null {
  if (runs === null || runs instanceof Uint8Array) return runs;
  return buildImage({ version: { major: 1 }, ...runs });
}
