/** The library: find devices, update them, and learn how it ended. */
import { type Choice, choose, type Some } from './devices/choose.ts';
import { type DeviceSight, find as findDevices } from './devices/find.ts';
import { type Selected, select as selectDevices } from './devices/select.ts';
import { type Arrival, watch as watchDevices } from './devices/watch.ts';
import type { CheckOptions } from './image/check.ts';
import { openImage as openImageOf } from './image/open-image.ts';
import { FAMILIES } from './protocol/families.ts';
import type { Family } from './protocol/family.ts';
import type { CheckedImage, UpdateImage } from './protocol/image-facts.ts';
import { createEnvironment as createEnvironmentOf, type EnvironmentOptions } from './volume/environment.ts';
import type { Environment } from './volume/port.ts';

export { finish, ping, type RunLimits, type SideBySide, sideBySide, update } from './devices/update.ts';
export type { Target } from './engine/context.ts';
export type { OldFirmware } from './engine/old-firmware.ts';
export type { NoticeCode, Outcome, Report } from './engine/report.ts';
export type { DeviceInfo } from './protocol/device-info.ts';
export { SpacepackError } from './protocol/errors.ts';
export { FAULTS, type Fault, type FaultCode, type Verdict } from './protocol/faults.ts';
export type { Identity } from './protocol/identity.ts';
export type { ImageFacts } from './protocol/image-facts.ts';
export type { Phase } from './protocol/machine.ts';
export type { VolumePort } from './volume/port.ts';
export type {
  Arrival,
  CheckedImage,
  CheckOptions,
  Choice,
  DeviceSight,
  Environment,
  Family,
  Selected,
  Some,
  UpdateImage,
};
export { choose, FAMILIES };

/** The real world, or a folder that stands for its drives. Its parts are loaded when they are first used. */
export function createEnvironment(options: EnvironmentOptions = {}): ReturnType<typeof createEnvironmentOf> {
  return createEnvironmentOf({ families: FAMILIES, ...options });
}

/** All plugged-in devices of these families; one look, writes and mounts nothing. Rejects with `listing-failed`. */
export function find(
  environment: Pick<Environment, 'volumes'>,
  families: readonly Family[] = FAMILIES,
): Promise<readonly DeviceSight[]> {
  return findDevices(environment, families);
}

/**
 * The chosen devices, for `update` and `ping`: those that are present or, if none is, the one that is away because of
 * an update whose end this computer has not seen. Rejects as `find` and `choose` do, with `own-disk`, and with
 * `lost-track` if it is not known whether such a device is the chosen one.
 */
export function select(
  environment: Environment,
  choice: Choice = {},
  families: readonly Family[] = FAMILIES,
): Promise<Some<Selected>> {
  return selectDevices(environment, families, choice);
}

/** Reports devices that come and go, those present first, until the signal aborts. A failed listing changes nothing. */
export function watch(
  environment: Environment,
  { families = FAMILIES, ...options }: { readonly signal?: AbortSignal; readonly families?: readonly Family[] } = {},
): AsyncGenerator<Arrival, void> {
  return watchDevices(environment, families, options);
}

/** Checks an image file and makes it ready for `update`. Rejects with the codes `image-*` and `key-unusable`. */
export function openImage(
  path: string,
  { families = FAMILIES, ...options }: CheckOptions & { readonly families?: readonly Family[] } = {},
): Promise<CheckedImage & UpdateImage> {
  return openImageOf(path, families, options);
}
