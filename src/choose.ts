import { type Target, targetOf } from './engine/context.ts';
import type { DeviceSight } from './find.ts';
import { SpacepackError } from './protocol/errors.ts';

/** Which of the devices found are meant. With nothing given, the only one. */
export interface Choice {
  /** A serial, a port, or the unambiguous beginning of a serial. */
  readonly device?: string;
  /** Where the control volume is mounted; absolute, links resolved. */
  readonly volumePath?: string;
  readonly all?: boolean;
}

function named(sights: readonly DeviceSight[], wanted: string): readonly DeviceSight[] {
  const exact = sights.filter(({ id, drive }) => id === wanted || drive.usb?.port === wanted || drive.id === wanted);
  return exact.length > 0 ? exact : sights.filter(({ id }) => id.toLowerCase().startsWith(wanted.toLowerCase()));
}

/** The targets meant, at least one. Throws `no-device`, or `several-devices` where one was to be chosen. */
export function choose(sights: readonly DeviceSight[], { device, volumePath, all }: Choice): readonly Target[] {
  let chosen = sights;
  let meant = 'a device';
  if (device !== undefined) {
    chosen = named(chosen, device);
    meant = `the device ${device}`;
  }
  if (volumePath !== undefined) {
    chosen = chosen.filter(({ volume }) => volume?.mount.path === volumePath);
    meant = `${meant} mounted at ${volumePath}`;
  }
  const ids = (list: readonly DeviceSight[]): string => list.map(({ id }) => id).join(', ') || 'none';
  if (chosen.length === 0) throw new SpacepackError('no-device', `Expected ${meant}, found ${ids(sights)}.`);
  if (chosen.length > 1 && all !== true) {
    throw new SpacepackError('several-devices', `Expected one device, found ${chosen.length}: ${ids(chosen)}.`);
  }
  return chosen.map(({ profile, drive }) => targetOf(profile, drive));
}
