import { chooseRelease, type Release } from '../channel/release.ts';
import type { DeviceSight } from '../find.ts';
import { toHex } from '../protocol/hex.ts';
import { type InfoDetails, runningVersion } from '../protocol/info.ts';
import { formatVersion } from '../protocol/versions.ts';
import type { Pair } from './back-off.ts';
import type { DeviceResult } from './reports.ts';

/** A device that said all that is needed to choose a release for it. */
export interface Candidate {
  readonly sight: DeviceSight;
  readonly serial: string;
  readonly details: InfoDetails;
  /** What runs; `null`: nothing does. */
  readonly from: string | null;
}

/** A device and the release that it should run. */
export interface Match {
  readonly candidate: Candidate;
  readonly release: Release;
  readonly to: string;
}

/** The device as a candidate, or the result that says why it is none. */
export function candidateOf(sight: DeviceSight): Candidate | DeviceResult {
  const { id, info, problem } = sight;
  if (problem === null && info?.details)
    return { sight, serial: info.serial, details: info.details, from: runningVersion(info) };
  const message = problem === null ? 'It speaks another version of the protocol.' : `${problem.fault.meaning}`;
  const unready = { device: id, standing: 'unready', from: null, to: null, release: null, outcome: null } as const;
  return { ...unready, message: problem ? `${message} ${problem.remedy}`.trim() : message };
}

/** The release that a device should run; `null`: it runs the newest that is offered to it. */
export function matchOf(candidate: Candidate, releases: readonly Release[]): Match | null {
  const { sight, serial, details } = candidate;
  const release = chooseRelease(releases, {
    product: sight.profile.id,
    serial,
    hardware: toHex(details.hardware, 4),
    version: details.version,
    securityFloor: details.securityFloor,
  });
  return release === null ? null : { candidate, release, to: formatVersion(release.version) };
}

/** How the journal names it. */
export function pairOf({ candidate, release, to }: Match): Pair {
  return { device: candidate.serial, release: release.name, to };
}
