import type { Target } from '../engine/context.ts';
import type { OpenRecord } from '../protocol/commitment.ts';
import { SpacepackError } from '../protocol/errors.ts';
import type { Family } from '../protocol/family.ts';
import {
  alike,
  compareIdentities,
  compareSerials,
  type Identity,
  identityAway,
  identityOf,
  nameOf,
} from '../protocol/identity.ts';
import { isRecordOf } from '../protocol/match.ts';
import type { DeviceSight } from './find.ts';

/** Which of the devices found to choose. With nothing given: the only one. */
export interface Choice {
  /** A serial, a port, or the unambiguous beginning of a serial. */
  readonly device?: string;
  /** Where the control volume is mounted; absolute, links resolved. */
  readonly volumePath?: string;
  readonly all?: boolean;
}

/** One or more. */
export type Some<T> = readonly [T, ...T[]];

interface Named {
  readonly id: string;
  readonly identity: Identity;
  readonly driveId?: string;
}

const identityOfSight = ({ drive, info }: DeviceSight): Identity => identityOf(drive, info);

/** Those that `wanted` names by serial, port or the system's drive name; if none, by the beginning of the serial. */
function named<T extends Named>(devices: readonly T[], wanted: string): readonly T[] {
  const exact = devices.filter(
    ({ id, identity, driveId }) =>
      [id, identity.port, driveId].includes(wanted) || compareSerials(identity.serial, wanted) === 'same',
  );
  return exact.length > 0 ? exact : devices.filter(({ id }) => id.toLowerCase().startsWith(wanted.toLowerCase()));
}

/** The target for a device that was found. */
export function targetOf(sight: DeviceSight): Target {
  return { family: sight.family, identity: identityOfSight(sight), name: sight.id };
}

/** `devices-alike` if nothing tells this device apart from another, so it may not be written to; `null`: no twin. */
export function twinProblem(one: DeviceSight, sights: readonly DeviceSight[]): SpacepackError | null {
  const twin = sights.find(
    (other) => other !== one && compareIdentities(identityOfSight(one), identityOfSight(other)) === 'unknown',
  );
  return twin === undefined ? null : alike([one.drive, twin.drive]);
}

/**
 * The chosen devices. Throws `no-device`; `several-devices` if there is more than one and not `all`; or `devices-alike`
 * if nothing would tell a chosen one apart from another once it has left and come back.
 */
export function chooseSights(sights: readonly DeviceSight[], { device, volumePath, all }: Choice): Some<DeviceSight> {
  let chosen = sights;
  let meant = 'a device';
  if (device !== undefined) {
    const candidates = sights.map((sight) => ({
      sight,
      id: sight.id,
      identity: identityOfSight(sight),
      driveId: sight.drive.id,
    }));
    chosen = named(candidates, device).map(({ sight }) => sight);
    meant = `the device ${device}`;
  }
  if (volumePath !== undefined) {
    chosen = chosen.filter(({ volume }) => volume?.mount.path === volumePath);
    meant = `${meant} mounted at ${volumePath}`;
  }
  const ids = (list: readonly DeviceSight[]): string =>
    list.map(({ id, drive }) => `${id} at ${drive.usb?.port ?? drive.id}`).join(', ') || 'none';
  const [first, ...others] = chosen;
  if (first === undefined) throw new SpacepackError('no-device', `Expected ${meant}, found ${ids(sights)}.`);
  if (others.length > 0 && all !== true) {
    throw new SpacepackError('several-devices', `Expected one device, found ${chosen.length}: ${ids(chosen)}.`);
  }
  for (const one of chosen) {
    const problem = twinProblem(one, sights);
    if (problem !== null) throw problem;
  }
  return [first, ...others];
}

/** The same as targets for `update` and `ping`. */
export function choose(sights: readonly DeviceSight[], choice: Choice): Some<Target> {
  const [first, ...others] = chooseSights(sights, choice);
  return [targetOf(first), ...others.map(targetOf)];
}

/**
 * The chosen devices if none of them is present: those with an update open on this computer, because they may be on
 * their way back. A run on one waits for it, as after its own commit. Empty: none. Throws `several-devices` as `choose`
 * does.
 */
export function chooseAway(
  records: readonly OpenRecord[],
  { device, volumePath, all }: Choice,
  families: readonly Family[],
): readonly Target[] {
  if (volumePath !== undefined) return [];
  const open = records.flatMap((record) => {
    const family = families.find((each) => isRecordOf(each, record));
    // Its drive comes back only if a person asks for it, so there is nothing to wait for.
    return family === undefined || family.returns === 'never'
      ? []
      : [{ id: nameOf(record), family, identity: identityAway(record) }];
  });
  const meant = device === undefined ? open : named(open, device);
  type Open = (typeof open)[number];
  // A device that was moved has records at several ports, as twins do: if one device is wanted, it is the latest.
  const isSame = (one: Open, other: Open): boolean =>
    one.family === other.family &&
    (all === true
      ? compareIdentities(one.identity, other.identity) !== 'other'
      : compareSerials(one.identity.serial, other.identity.serial) === 'same');
  const targets = meant
    .filter((one, index) => meant.findIndex((other) => isSame(other, one)) === index)
    .map(({ id, family, identity }) => ({ family, identity, name: id }));
  if (targets.length > 1 && all !== true) {
    const found = targets.map(({ name }) => name).join(', ');
    const message = `Expected one device, found ${targets.length} that are away with an update open: ${found}.`;
    throw new SpacepackError('several-devices', message);
  }
  return targets;
}
