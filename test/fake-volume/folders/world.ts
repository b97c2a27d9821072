import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { SimulatedDevice } from '../spacepack/device.ts';
import type { WorldOptions } from '../world-options.ts';
import { createFolderDevice, type FolderDevice } from './device.ts';

export interface FolderWorldOptions extends Pick<WorldOptions, 'host' | 'devices'> {
  /** Where volumes appear and vanish; created if it is missing. */
  readonly root: string;
  /** Where cards are while they are off the bus: on the same file system. Default: `root` with `.off-the-bus` behind it. */
  readonly storage?: string;
  /** How often the firmware looks whether a host has written, in ms. Default 40. */
  readonly pollMs?: number;
}

/** Devices whose cards are folders that come and go below a root, in real time. */
export interface FolderWorld {
  readonly root: string;
  readonly devices: readonly SimulatedDevice[];
  /** Stops the devices, which keep the process alive, and removes all that they made, `root` too if it was not there. */
  dispose(): void;
}

/**
 * Starts the devices. The first volume appears after the device has started and attached, 0.9 s by default. A removal
 * by surprise moves the folder away; a host that has a file open goes on writing into it, which a real one could not.
 */
export function createFolderWorld(options: FolderWorldOptions): FolderWorld {
  const root = resolve(options.root);
  const storage = resolve(options.storage ?? `${root}.off-the-bus`);
  const made = [storage, root, join(root, '.drives'), join(root, '.unmounted')].filter((path) => !existsSync(path));
  mkdirSync(root, { recursive: true });
  mkdirSync(storage, { recursive: true });

  const began = performance.now();
  const timers = new Set<NodeJS.Timeout>();
  const now = () => performance.now() - began;
  const later = (ms: number, action: () => void) => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      action();
    }, ms);
    timers.add(timer);
  };
  const leaveFolder = (name: string) => {
    mkdirSync(join(root, name), { recursive: true });
    made.push(join(root, name));
  };
  const surroundings = { root, storage, automounter: options.host !== 'headless', leaveFolder, now, later };
  const devices = (options.devices ?? [{}]).map((device, index) => createFolderDevice(surroundings, device, index));
  const tick = () => {
    for (const device of devices) device.look();
    later(untilNextLook(devices, options.pollMs ?? 40, now()), tick);
  };
  tick();
  return {
    root,
    devices,
    dispose() {
      for (const timer of timers) clearTimeout(timer);
      for (const device of devices) device.takeAway();
      for (const path of made) rmSync(path, { recursive: true, force: true });
    },
  };
}

function untilNextLook(devices: readonly FolderDevice[], pollMs: number, nowMs: number): number {
  const wakes = devices.map(({ firmware }) => firmware.nextWakeMs() ?? Number.POSITIVE_INFINITY);
  return Math.max(0, Math.min(pollMs, ...wakes.map((wakeMs) => wakeMs - nowMs)));
}
