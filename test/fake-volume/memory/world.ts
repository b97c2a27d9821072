import type { Clock } from '../../../src/computer/clock.ts';
import type { OpenRecord } from '../../../src/protocol/commitment.ts';
import type { Environment } from '../../../src/volume/port.ts';
import { seededRandom } from '../random.ts';
import type { WorldOptions } from '../world-options.ts';
import { createMemoryDevice, type MemoryDevice } from './device.ts';
import { createMemoryHost, type HostManners, type LostFile, USUAL_MANNERS } from './host.ts';
import type { Operation } from './operations.ts';
import { createMemoryPort } from './port.ts';
import { clockOf, createProcess, type Process } from './process.ts';
import { createMemoryLocks, createMemoryRecords, createOwnDisk, type OwnCall } from './stores.ts';
import { createVirtualClock } from './virtual-clock.ts';

/** A run on the computer of a world. Its `environment` is all that an engine needs. */
export interface MemoryProcess extends Process {
  readonly environment: Environment;
}

/** A computer and its devices in memory. */
export interface MemoryWorld {
  /** Of the process with number 0. */
  readonly environment: Environment;
  /** In the order of the options. */
  readonly devices: readonly MemoryDevice[];
  readonly clock: Clock;
  /** Every operation on the port, in order. */
  readonly operations: readonly Operation[];
  /** Every call to the computer's own disk, in order. */
  readonly ownCalls: readonly { readonly process: number; readonly call: OwnCall }[];
  /** Files of users that were lost because they had not reached the card. */
  readonly lost: readonly LostFile[];
  /** The device whose attachment had this name. */
  deviceOf(attachment: string): MemoryDevice | null;
  /** Begins another run, by the same user or another one. Records are a user's; locks and drives are the computer's. */
  start(user?: string): MemoryProcess;
  /** The records that are open, of one user or of all. */
  records(user?: string): readonly OpenRecord[];
  /** Calls back once, after `ms` of the world's time. */
  later(ms: number, action: () => void): void;
  /** Lets `ms` of the world's time pass while no host waits. */
  pass(ms: number): void;
  /**
   * The computer sleeps: its devices go on, or lose the bus until it wakes (`busPower: false`). Its clock goes on meanwhile, as for a
   * program that is stopped, or stands still (`isCounted: false`), as most systems' monotonic clocks do.
   */
  sleepThrough(ms: number, options?: { readonly busPower?: boolean; readonly isCounted?: boolean }): void;
  /** Sets the date of the computer forward, or back, by `ms`. */
  jumpDate(ms: number): void;
  /** Stops the clock; whatever still waits in this world waits for ever. */
  dispose(): void;
}

const WORLD_BEGAN = Date.UTC(2026, 0, 1);
const FIRST_USER = 'user';
/** By then every device has started, and was read. */
const AT_REST_MS = 2_400;

/** A world at rest: its devices are plugged in and, on a desktop, mounted. It runs in virtual time. */
export function createMemoryWorld(options: WorldOptions = {}): MemoryWorld {
  const clock = createVirtualClock();
  const isDesktop = options.host !== 'headless';
  const manners: HostManners = { ...USUAL_MANNERS, automounter: isDesktop, ...options.manners };
  const host = createMemoryHost(clock, manners);
  const operations: Operation[] = [];
  const ownCalls: { process: number; call: OwnCall }[] = [];
  const random = seededRandom(options.seed ?? 'host');
  let dateOffsetMs = WORLD_BEGAN;
  let processes = 0;

  const devices = (options.devices ?? [{}]).map((device, index) => createMemoryDevice(host, clock, device, index));
  const visits = { operations: 0, of: new Map<string, number>() };
  const { failingLists = 0 } = options;
  const failing = Array.from({ length: failingLists }, (_, index) => index + 1);
  const portOptions = {
    lateEntries: options.lateEntries ?? false,
    listMs: options.listMs ?? 0,
    lookFailures: options.lookFailures ?? [{ visits: failing }],
    failures: options.failures ?? [],
    heldBy: (device: number) => devices[device]?.heldBy ?? null,
    async onOperation(operation: Operation) {
      operations.push(operation);
      const device = devices[operation.device];
      if (device !== undefined) await options.onOperation?.(operation, device);
    },
  };
  const disk = createOwnDisk(clock, options.ownDisk ?? [], (process, call) => {
    ownCalls.push({ process: process.number, call });
    options.onOwnCall?.(process.number, call);
  });
  const start = (user: string = FIRST_USER): MemoryProcess => {
    const process = createProcess(processes, user);
    processes += 1;
    const environment: Environment = {
      volumes: createMemoryPort(host, clock, process, visits, portOptions),
      clock: clockOf(clock.host, process),
      records: createMemoryRecords(disk, process),
      locks: createMemoryLocks(disk, process),
      random,
      date: () => new Date(dateOffsetMs + clock.now()),
    };
    return Object.assign(process, { environment });
  };
  clock.pass(Math.max(manners.mountMs * 3, AT_REST_MS));
  for (const seat of host.seats) {
    for (const slot of seat.slots) if (slot.isInFstab) host.mount(seat, slot);
  }

  const { environment } = start();
  return {
    environment,
    devices,
    clock: { now: clock.now, gaps: clock.gaps, sleep: clock.sleep },
    operations,
    ownCalls,
    lost: host.lost,
    deviceOf: (attachment) => devices[host.attached.get(attachment)?.index ?? -1] ?? null,
    start,
    records: (user) =>
      [...disk.records].flatMap(([of, records]) => (user === undefined || user === of ? [...records.values()] : [])),
    later: (ms, action) => clock.later(ms, action),
    pass: (ms) => clock.pass(ms),
    sleepThrough(ms, { busPower = true, isCounted = true } = {}) {
      clock.sleepThrough(ms, isCounted);
      clock.laterOnHost(0, () => host.observe());
      if (busPower) return;
      for (const device of devices.filter(({ firmware }) => firmware.onBus)) {
        device.unplug();
        clock.later(ms, () => device.plug());
      }
    },
    jumpDate(ms) {
      dateOffsetMs += ms;
    },
    dispose: () => clock.stop(),
  };
}
