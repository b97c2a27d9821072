import type { LookFailure, OperationFailure, Verb } from '../fake-volume/memory/operations.ts';
import type { OwnCall, OwnDiskFailure } from '../fake-volume/memory/stores.ts';
import type { Step } from '../fake-volume/spacepack/work.ts';

/** What happens in one world, as data: it can be printed, shrunk, and played again. Times in ms, indices from 0. */
export interface Story {
  readonly seed: number;
  readonly host: StoryHost;
  readonly devices: readonly StoryDevice[];
  readonly runs: readonly StoryRun[];
  readonly events: readonly StoryEvent[];
  readonly failures: readonly OperationFailure[];
  readonly looks: readonly LookFailure[];
  readonly ownDisk: readonly OwnDiskFailure[];
}

export interface StoryHost {
  readonly automounter: boolean;
  readonly serials: 'told' | 'capitals' | 'untold';
  readonly ports: 'told' | 'untold';
  readonly attachments: 'told' | 'kept';
  readonly wakeUps: boolean;
  readonly listMs: number;
  readonly mountMs: number;
  readonly lateEntries: boolean;
}

export interface StoryDevice {
  readonly serial: string;
  /** Whether its USB descriptor has a serial number. */
  readonly hasUsbSerial: boolean;
  /** The major version that runs; 0: none, it is in its bootloader. */
  readonly runs: number;
  readonly battery: number;
  readonly label: string;
  readonly plugged: boolean;
  readonly dirty: boolean;
  /** What was wrong with the card before the device could write to it, until somebody repairs it or makes room. */
  readonly spoilt: 'no' | 'dirty' | 'full' | 'root-full';
  /** A further partition, which the automounter mounts, or the fstab did. */
  readonly partition: 'none' | 'automounted' | 'fstab';
  readonly heldBy: string | null;
  readonly busyEveryMs: number | null;
  /** Lasts of erasing and of programming. */
  readonly installMs: number;
  readonly troubles: readonly StoryTrouble[];
}

export interface StoryTrouble {
  readonly at: Step;
  readonly visit: number;
  readonly outcome: 'fail' | 'hang' | 'lose-power';
  /** After a loss of power. */
  readonly backAfterMs: number;
}

/** One run of the program, or of `--all`. */
export interface StoryRun {
  readonly atMs: number;
  readonly user: string;
  readonly action: 'update' | 'ping';
  /** The major version to install. */
  readonly version: number;
  readonly dryRun: boolean;
  readonly capMs: number;
  /** `all`: `--all`; `only`: no name is given. */
  readonly by: 'serial' | 'port' | 'drive' | 'only' | 'all';
  /** Which device is meant, for a name. */
  readonly device: number;
}

/** When something happens: at a time, at a step of the work of a run, or at a call to the own disk. */
export type When =
  | { readonly ms: number }
  | { readonly verb: Verb; readonly path: string | null; readonly visit: number; readonly device: number }
  | { readonly call: OwnCall; readonly visit: number }
  /** The n-th step of all, from 1. */
  | { readonly step: number }
  /** The n-th call to the own disk, from 1. */
  | { readonly ownCall: number };

export type StoryEvent = { readonly when: When } & Happening;

export type Happening =
  | { readonly what: 'unplug' | 'plug' | 'wiggle'; readonly device: number }
  /** Both may be the same, and the port of a device that is away. */
  | { readonly what: 'move'; readonly device: number; readonly port: string }
  | { readonly what: 'lose-power'; readonly device: number; readonly backAfterMs: number }
  /** Its card fails every check from now on, until somebody repairs it. */
  | { readonly what: 'damage'; readonly device: number }
  | { readonly what: 'battery'; readonly device: number; readonly percent: number }
  | { readonly what: 'kill'; readonly run: number }
  /** Ctrl-C, and Ctrl-C again after a while. */
  | { readonly what: 'call-off'; readonly run: number; readonly againAfterMs: number }
  | { readonly what: 'stop'; readonly run: number; readonly ms: number }
  | { readonly what: 'sleep'; readonly ms: number; readonly busPower: boolean; readonly isCounted: boolean }
  | { readonly what: 'date'; readonly ms: number }
  /** Another program puts a trigger, a torn one, or a payload into the folder. */
  | {
      readonly what: 'foreign';
      readonly device: number;
      readonly file: 'ping' | 'install' | 'torn-trigger' | 'malformed-trigger' | 'payload';
    }
  /** A program of the user saves a file, into the cache of the computer. */
  | { readonly what: 'save'; readonly device: number; readonly partition: number; readonly name: string };

/** A computer and a device as they usually are: what a story is reduced to where it makes no difference. */
export const USUAL_HOST: StoryHost = {
  automounter: true,
  serials: 'told',
  ports: 'told',
  attachments: 'told',
  wakeUps: true,
  listMs: 0,
  mountMs: 800,
  lateEntries: false,
};
export const USUAL_DEVICE: StoryDevice = {
  serial: 'SPa0000001',
  hasUsbSerial: true,
  runs: 1,
  battery: 80,
  label: 'SPACEPACK',
  plugged: true,
  dirty: false,
  spoilt: 'no',
  partition: 'none',
  heldBy: null,
  busyEveryMs: null,
  installMs: 2_000,
  troubles: [],
};
export const USUAL_RUN: StoryRun = {
  atMs: 0,
  user: 'anna',
  action: 'update',
  version: 2,
  dryRun: false,
  capMs: 1_800_000,
  by: 'only',
  device: 0,
};

/** A story as far as it is not a usual one, as it is printed: to be pasted into a test. */
export interface StoryParts {
  readonly seed?: number;
  readonly host?: Partial<StoryHost>;
  readonly devices?: readonly Partial<StoryDevice>[];
  readonly runs?: readonly Partial<StoryRun>[];
  readonly events?: readonly StoryEvent[];
  readonly failures?: readonly OperationFailure[];
  readonly looks?: readonly LookFailure[];
  readonly ownDisk?: readonly OwnDiskFailure[];
}

/** The whole story: one usual device and one usual run, unless others are given. */
export function storyOf(parts: StoryParts): Story {
  return {
    seed: parts.seed ?? 0,
    host: { ...USUAL_HOST, ...parts.host },
    devices: (parts.devices ?? [{}]).map((device) => ({ ...USUAL_DEVICE, ...device })),
    runs: (parts.runs ?? [{}]).map((run) => ({ ...USUAL_RUN, ...run })),
    events: parts.events ?? [],
    failures: parts.failures ?? [],
    looks: parts.looks ?? [],
    ownDisk: parts.ownDisk ?? [],
  };
}

function unusual<T extends object>(given: T, usual: T): Partial<T> {
  const differs = ([key, value]: readonly [string, unknown]): boolean =>
    JSON.stringify(value) !== JSON.stringify(usual[key as keyof T]);
  return Object.fromEntries(Object.entries(given).filter(differs)) as Partial<T>;
}

/** What of a story is not usual. `storyOf` makes the same story of it again. */
export function partsOf(story: Story): Required<StoryParts> {
  return {
    ...story,
    host: unusual(story.host, USUAL_HOST),
    devices: story.devices.map((device) => unusual(device, USUAL_DEVICE)),
    runs: story.runs.map((run) => unusual(run, USUAL_RUN)),
  };
}
