import type { Card } from '../cards/card.ts';
import { type CardContent, userFiles } from '../cards/content.ts';
import { seededRandom } from '../random.ts';
import type { DeviceOptions } from '../world-options.ts';
import { createFirmware, type Firmware, type LogEntry } from './firmware.ts';
import { buildImage } from './image/build.ts';
import { factoryMemory } from './nonvolatile.ts';
import { settingsOf } from './settings.ts';
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

/** What a world gives to a device. */
export interface Surroundings {
  /** ms. */
  now(): number;
  later(ms: number, action: () => void): void;
  /** What the firmware's FAT code sees. */
  card(): Card | null;
  readonly content: CardContent;
  /** The card as the scenario wants it, once the device has put its own files on it. */
  prepareCard(): void;
  leaveMountFolder(): void;
  /** Takes note of what the device did; called after everything that may have moved it. */
  observe(): void;
}

/** Builds a device that is not plugged in yet. `index` counts the devices of a world from 0. */
export function createDevice(options: DeviceOptions, index: number, world: Surroundings): SimulatedDevice {
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

function imageOf(runs: DeviceOptions['runs']): Uint8Array | null {
  if (runs === null || runs instanceof Uint8Array) return runs;
  return buildImage({ version: { major: 1 }, ...runs });
}
