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

export const deviceOptions = {
  device: {
    type: 'string',
    alias: 'd',
    requiresArg: true,
    describe: 'The device: its serial (or how that begins), or its port',
    group: 'Device:',
  },
  volume: {
    type: 'string',
    requiresArg: true,
    describe: 'The device whose volume is mounted at PATH; the volume is still checked',
    group: 'Device:',
  },
} as const;

export const allOption = {
  all: { type: 'boolean', describe: 'All matching devices, side by side', group: 'Device:' },
} as const;

/** Which devices the command line means. */
export interface DeviceArgs {
  readonly device?: string | undefined;
  readonly volume?: string | undefined;
  readonly all?: boolean | undefined;
}

async function mountPath(path: string): Promise<string> {
  // No device is mounted at a path that does not exist, and `choose` says so better than the system does.
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

/** The chosen devices. Rejects with `no-device`, `several-devices`, `devices-alike`, `listing-failed`, or `usage`. */
export async function chooseSeen(
  environment: Environment,
  families: readonly Family[],
  args: DeviceArgs,
): Promise<Some<DeviceSight>> {
  const choice = await choiceOf(args);
  return chooseSights(await find(environment, families), choice);
}

/** Like `chooseSeen`, for commands that can wait for a device that is away because of an update (`select`). */
export async function chooseDevices(
  environment: Environment,
  families: readonly Family[],
  args: DeviceArgs,
): Promise<Some<Selected>> {
  return select(environment, families, await choiceOf(args));
}
