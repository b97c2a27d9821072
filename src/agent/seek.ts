import { chooseRelease, type Release } from '../channel/release.ts';
import type { DeviceSight } from '../devices/find.ts';
import { type DeviceInfo, runningVersion } from '../protocol/device-info.ts';
import { toHex } from '../protocol/hex.ts';
import { serialOf } from '../protocol/identity.ts';
import { formatVersion } from '../protocol/versions.ts';
import type { Pair } from './back-off.ts';
import type { DeviceResult } from './reports.ts';

/** A device that said everything needed to choose a release for it. */
export interface Candidate {
  readonly sight: DeviceSight;
  readonly serial: string;
  readonly info: DeviceInfo;
  /** What runs; `null`: nothing. */
  readonly from: string | null;
}

/** A device and the release that it should run. */
export interface Match {
  readonly candidate: Candidate;
  readonly release: Release;
  readonly to: string;
}

/** The device as a candidate, or the result that says why it is not one. */
export function candidateOf(sight: DeviceSight): Candidate | DeviceResult {
  const { id, info, family } = sight;
  const problem = sight.problem ?? (info && family.obstacle(info));
  const unready = { device: id, standing: 'unready', from: null, to: null, release: null, outcome: null } as const;
  if (problem !== null) return { ...unready, message: `${problem.fault.meaning} ${problem.remedy}`.trim() };
  if (info === null) return { ...unready, message: 'It says nothing about itself.' };
  const serial = serialOf(sight.drive, info);
  const isVersionKnown = info.version !== null || (info.tellsImage && info.image === null);
  if (serial !== null && isVersionKnown) return { sight, info, serial, from: runningVersion(info) };
  const missing = serial === null ? 'which one it is' : 'which version it runs';
  return {
    ...unready,
    message: `It does not say ${missing}: the login item leaves it alone, spacepack update does not.`,
  };
}

/** The release that a device should run; `null`: it runs the newest one offered to it. */
export function matchOf(candidate: Candidate, releases: readonly Release[]): Match | null {
  const { sight, serial, info } = candidate;
  const release = chooseRelease(releases, {
    product: sight.family.id,
    serial,
    hardware: info.hardware === null ? null : toHex(info.hardware, 4),
    version: info.version,
    securityFloor: info.securityFloor,
  });
  return release === null ? null : { candidate, release, to: formatVersion(release.version) };
}

/** How the journal names it. */
export function pairOf({ candidate, release, to }: Match): Pair {
  return { device: candidate.serial, release: release.name, to };
}
