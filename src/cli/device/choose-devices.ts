import { realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import { onOwnDisk } from '../../computer/own-disk.ts';
import { asTyped } from '../../computer/working-folder.ts';
import { type Choice, chooseSights, type Some } from '../../devices/choose.ts';
import { type DeviceSight, find } from '../../devices/find.ts';
import { type Selected, select } from '../../devices/select.ts';
import { SpacepackError } from '../../protocol/errors.ts';
import type { Family } from '../../protocol/family.ts';
import type { Environment } from '../../volume/port.ts';

/** Which of the devices the command line means. */
export interface DeviceArgs {
  readonly device?: string | undefined;
  readonly volume?: string | undefined;
  readonly all?: boolean | undefined;
}

async function mountPath(path: string): Promise<string> {
  // A path that is not there is where no device is mounted; `choose` says so better than the system does.
  return onOwnDisk(dirname(asTyped(path)), () => realpath(asTyped(path))).catch(() => asTyped(path));
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

/** The devices meant. Rejects with `no-device`, `several-devices`, `devices-alike`, `listing-failed`, or `usage`. */
export async function chooseSeen(
  environment: Environment,
  families: readonly Family[],
  args: DeviceArgs,
): Promise<Some<DeviceSight>> {
  const choice = await choiceOf(args);
  return chooseSights(await find(environment, families), choice);
}

/** As `chooseSeen`, for what may wait for a device that is away because of an update (`select`). */
export async function chooseDevices(
  environment: Environment,
  families: readonly Family[],
  args: DeviceArgs,
): Promise<Some<Selected>> {
  return select(environment, families, await choiceOf(args));
}

/** The cap of a run in ms, from `--timeout` or the settings. Throws `usage`. */
export function capOf(timeout: number | undefined, fallbackSeconds: number | null): { readonly capMs?: number } {
  const seconds = timeout ?? fallbackSeconds;
  if (seconds === null) return {};
  if (!(seconds > 0)) throw new SpacepackError('usage', 'Expected --timeout to be a number of seconds above 0.');
  return { capMs: seconds * 1000 };
}
