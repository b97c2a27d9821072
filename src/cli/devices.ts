import { realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type Choice, chooseAway, chooseSights, targetOf } from '../choose.ts';
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
  /** `null`: it is away, with an update open; a run waits for it. */
  readonly sight: DeviceSight | null;
}

async function mountPath(path: string): Promise<string> {
  // A path that is not there is where no device is mounted; `choose` says so better than the system does.
  return realpath(path).catch(() => resolve(path));
}

async function choiceOf({ device, volume, all }: DeviceArgs): Promise<Choice> {
  if (all && (device !== undefined || volume !== undefined)) {
    throw new SpacepackError('usage', 'Expected either --all or one device, found both.');
  }
  return {
    ...(device !== undefined && { device }),
    ...(volume !== undefined && { volumePath: await mountPath(volume) }),
    ...(all !== undefined && { all }),
  };
}

/** The devices meant, at least one. Rejects with `no-device`, `several-devices`, `devices-alike`, `listing-failed`, or `usage`. */
export async function chooseSeen(environment: Environment, args: DeviceArgs): Promise<readonly DeviceSight[]> {
  const choice = await choiceOf(args);
  return chooseSights(await find(environment), choice);
}

/** As `chooseSeen`, for what may wait for a device that is away because of an update that this computer has not seen the end of. */
export async function chooseDevices(environment: Environment, args: DeviceArgs): Promise<readonly ChosenDevice[]> {
  const choice = await choiceOf(args);
  try {
    const sights = chooseSights(await find(environment), choice);
    return sights.map((sight) => ({ target: targetOf(sight), sight }));
  } catch (thrown) {
    if (!(thrown instanceof SpacepackError) || thrown.code !== 'no-device') throw thrown;
    const away = chooseAway(await environment.records.list(), choice);
    if (away === null) throw thrown;
    return [{ target: away, sight: null }];
  }
}

/** The cap of a run in ms, from `--timeout` or the settings. Throws `usage`. */
export function capOf(timeout: number | undefined, fallbackSeconds: number | null): { readonly capMs?: number } {
  const seconds = timeout ?? fallbackSeconds;
  if (seconds === null) return {};
  if (!(seconds > 0)) throw new SpacepackError('usage', 'Expected --timeout to be a number of seconds above 0.');
  return { capMs: seconds * 1000 };
}
