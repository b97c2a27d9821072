import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  addSuffix,
  buildImage,
  createFolderWorld,
  type FolderWorld,
  type SimulatedDevice,
} from '../fake-volume/index.ts';
import { readImage } from '../fake-volume/spacepack/image/format.ts';
import { type Ran, runProgram } from './program.ts';
import { readLog, type Strike, variablesOf } from './strike.ts';

/** A device that takes no longer than it must. */
const QUICK = {
  quietMs: 500,
  quietDirtyMs: 5_000,
  maxAwayMs: 5_000,
  durations: { attach: 50, verify: 50, erase: 50, program: 50, start: 50 },
};
/** As long as it must stay away (docs/protocol.md §7.5). */
const AWAY_MS = 1_000;
const POLL_MS = 100;

/** Longest time that a device needs to come to rest, in ms: it may have to wait for the quiet of a volume that stays mounted. */
const REST_MS = 30_000;
const REST_STEP_MS = 100;

/** The firmware that every run is about. */
const IMAGE = buildImage();
export const PAYLOAD: Uint8Array = addSuffix(IMAGE);
/** What runs once it is installed. */
export const NEW_HASH: string | undefined = readImage(IMAGE)?.hash;

/** What a user has before a run. */
export interface Household {
  /** A folder to copy; `null`: an empty home. */
  readonly home: string | null;
  /** Of the environment. */
  readonly variables: Readonly<Record<string, string>>;
}

/** Of a user who has never run the program. */
export const NEW_USER: Household = { home: null, variables: {} };

/** A device made of folders, a home, and the program. */
export interface Bench {
  readonly folder: string;
  /** Where volumes appear. */
  readonly bus: string;
  readonly home: string;
  readonly image: string;
  readonly device: SimulatedDevice;
  /** Runs the program; `struck`: whether the harm was done. */
  run(
    argv: readonly string[],
    strike: Strike | null,
    limitMs: number,
    onResult?: () => void,
  ): Promise<Ran & { readonly struck: boolean; readonly log: ReturnType<typeof readLog> }>;
  /** Resolves when the device is on the bus and waits for nothing any more. */
  rest(): Promise<void>;
  dispose(): void;
}

/** Sets it up, and waits until the device is there. */
export async function createBench({ home, variables }: Household = NEW_USER, awayMs: number = AWAY_MS): Promise<Bench> {
  const folder = mkdtempSync(join(tmpdir(), 'spacepack-faults-'));
  const [bus, ownHome] = [join(folder, 'bus'), join(folder, 'home')];
  if (home === null) mkdirSync(ownHome);
  else cpSync(home, ownHome, { recursive: true });
  const image = join(ownHome, 'firmware.dfu');
  writeFileSync(image, PAYLOAD);
  const settings = { ...QUICK, durations: { ...QUICK.durations, away: awayMs } };
  const world: FolderWorld = createFolderWorld({ root: bus, pollMs: POLL_MS, devices: [{ settings }] });
  const device = firstOf(world);
  let runs = 0;

  async function run(
    argv: readonly string[],
    strike: Strike | null,
    limitMs: number,
    onResult: () => void = () => {},
  ): ReturnType<Bench['run']> {
    runs += 1;
    const own = join(folder, `run-${runs}`);
    mkdirSync(own);
    const env = {
      ...homeVariables(ownHome),
      ...variables,
      ...variablesOf(own, { volume: bus, home: ownHome }, strike),
    };
    const ran = await runProgram(argv, env, limitMs, onResult);
    const log = readLog(own);
    return { ...ran, struck: log.some(({ struck }) => struck), log };
  }

  async function rest(): Promise<void> {
    const { firmware, card } = device;
    // Without a trigger, quiet brings nothing.
    const isIdle = (): boolean => firmware.nextWakeMs() === null || card.read('SPACEPAK/UPDATE.TRG') === null;
    const isAtRest = (): boolean => firmware.ready && isIdle();
    // A moment of rest may be the one before the device sees what was written last.
    let calm = 0;
    for (let left = REST_MS / REST_STEP_MS; left > 0 && calm < 4; left -= 1) {
      await sleep(REST_STEP_MS);
      calm = isAtRest() ? calm + 1 : 0;
    }
  }

  const status = join(bus, 'SPACEPACK', 'SPACEPAK', 'STATUS.TXT');
  while (!existsSync(status)) await sleep(20);
  return {
    folder,
    bus,
    home: ownHome,
    image,
    device,
    run,
    rest,
    dispose() {
      world.dispose();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function firstOf({ devices: [device] }: FolderWorld): SimulatedDevice {
  if (device === undefined) throw new TypeError('a world has a device');
  return device;
}

/** The environment of a user whose home is that folder, and of nobody else. */
export function homeVariables(home: string): Record<string, string> {
  return {
    PATH: '/usr/bin:/bin',
    HOME: home,
    SPACEPACK_STATE_DIR: join(home, 'state'),
    SPACEPACK_CONFIG_DIR: join(home, 'config'),
    SPACEPACK_CACHE_DIR: join(home, 'cache'),
    SPACEPACK_LOG_DIR: join(home, 'logs'),
  };
}
