import type { Clock, Environment, RecordStore } from '../../src/volume/port.ts';
import { createMemoryDevice, type MemoryDevice } from './memory-device.ts';
import { createMemoryHost, type HostManners, USUAL_MANNERS } from './memory-host.ts';
import { createMemoryPort } from './memory-port.ts';
import type { Operation } from './operations.ts';
import { seededRandom } from './random.ts';
import { createMemoryLocks, createMemoryRecords } from './stores.ts';
import { createVirtualClock } from './virtual-clock.ts';
import type { WorldOptions } from './world-options.ts';

/** A computer and its devices in memory. `environment` is all that an engine needs. */
export interface MemoryWorld {
  readonly environment: Environment;
  /** In the order of the options. */
  readonly devices: readonly MemoryDevice[];
  readonly clock: Clock;
  /** Every operation on the port, in order. */
  readonly operations: readonly Operation[];
  /** Lets `ms` of the world's time pass while no host waits. */
  pass(ms: number): void;
  /** Stops the clock; whatever still waits in this world waits for ever. */
  dispose(): void;
}

const WORLD_BEGAN = Date.UTC(2026, 0, 1);

/** A world at rest: its devices are plugged in and, on a desktop, mounted. It runs in virtual time. */
export function createMemoryWorld(options: WorldOptions = {}): MemoryWorld {
  const clock = createVirtualClock();
  const isDesktop = options.host !== 'headless';
  const manners: HostManners = { ...USUAL_MANNERS, automounter: isDesktop, ...options.manners };
  const host = createMemoryHost(clock, manners);
  const operations: Operation[] = [];
  const random = seededRandom(options.seed ?? 'host');

  const devices = (options.devices ?? [{}]).map((device, index) => createMemoryDevice(host, clock, device, index));
  const bySerial = (serial: string) => devices.find((device) => device.serial === serial);
  const volumes = createMemoryPort(host, clock, {
    lateEntries: options.lateEntries ?? false,
    listMs: options.listMs ?? 0,
    failingLists: options.failingLists ?? 0,
    failures: options.failures ?? [],
    heldBy: (serial) => bySerial(serial)?.heldBy ?? null,
    async onOperation(operation) {
      operations.push(operation);
      const device = bySerial(operation.serial);
      if (device !== undefined) await options.onOperation?.(operation, device);
    },
  });
  clock.pass(manners.mountMs * 3);

  const records: RecordStore = createMemoryRecords();
  return {
    environment: {
      volumes,
      clock,
      records,
      locks: createMemoryLocks(),
      random,
      date: () => new Date(WORLD_BEGAN + clock.now()),
    },
    devices,
    clock,
    operations,
    pass: (ms) => clock.pass(ms),
    dispose: () => clock.stop(),
  };
}
