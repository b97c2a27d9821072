import { realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import { choose } from '../choose.ts';
import type { Target } from '../engine/context.ts';
import { type DeviceSight, find } from '../find.ts';
import { SpacepackError } from '../protocol/errors.ts';
import type { Environment } from '../volume/port.ts';

/** Which of the devices the command line means. */
export interface DeviceArgs {
  readonly device?: string | undefined;
  readonly volume?: string | undefined;
  readonly all?: boolean | undefined;
}

/** A device that a command is to act on. */
export interface ChosenDevice {
  readonly target: Target;
  readonly sight: DeviceSight;
}

async function mountPath(path: string): Promise<string> {
  // A path that is not there is where no device is mounted; `choose` says so better than the system does.
  return realpath(path).catch(() => resolve(path));
}

/** The devices meant, at least one. Rejects with `no-device`, `several-devices`, `listing-failed`, or `usage`. */
export async function chooseDevices(environment: Environment, args: DeviceArgs): Promise<readonly ChosenDevice[]> {
  const { device, volume, all } = args;
  if (all && (device !== undefined || volume !== undefined)) {
    throw new SpacepackError('usage', 'Expected either --all or one device, found both.');
  }
  const sights = await find(environment);
  const targets = choose(sights, {
    ...(device !== undefined && { device }),
    ...(volume !== undefined && { volumePath: await mountPath(volume) }),
    ...(all !== undefined && { all }),
  });
  return targets.flatMap((target) => {
    const sight = sights.find(({ drive }) => drive.id === target.driveId);
    return sight === undefined ? [] : [{ target, sight }];
  });
}

/** The cap of a run in ms, from `--timeout` or the settings. Throws `usage`. */
export function capOf(timeout: number | undefined, fallbackSeconds: number | null): { readonly capMs?: number } {
  const seconds = timeout ?? fallbackSeconds;
  if (seconds === null) return {};
  if (!(seconds > 0)) throw new SpacepackError('usage', 'Expected --timeout to be a number of seconds above 0.');
  return { capMs: seconds * 1000 };
}
