import { createHash } from 'node:crypto';
import { compareVersions, type Version } from '../protocol/versions.ts';

/** An image that a channel offers, as its signed metadata describes it. */
export interface Release {
  /** The target's name, a plain file name. */
  readonly name: string;
  /** The id of the family it is for. */
  readonly product: string;
  /** Revisions it is for, 4 upper-case hexadecimal digits each; empty: any. */
  readonly hardware: readonly string[];
  readonly version: Version;
  readonly securityCounter: number;
  /** The lowest battery level, in percent, at which the maker wants it installed; 0: no minimum. */
  readonly minBatteryPercent: number;
  /** For people; may contain line ends. Other control characters are not removed. */
  readonly notes: string;
  /** The share of all devices that it is offered to, in whole percent. */
  readonly rolloutPercent: number;
  /** Not offered to any device for now. */
  readonly paused: boolean;
  readonly sizeBytes: number;
  /** Of the whole image file, 64 lower-case hexadecimal digits. */
  readonly sha256: string;
}

/** What must be known about a device to choose a release for it. */
export interface ReleaseSeeker {
  /** The id of its family. */
  readonly product: string;
  readonly serial: string;
  /** 4 hexadecimal digits; `null`: not known, so only releases for any hardware fit. */
  readonly hardware: string | null;
  /** What runs; `null`: nothing, and any version is newer. */
  readonly version: Version | null;
  /** `null`: the device reports none. */
  readonly securityFloor: number | null;
}

const STEPS = 2 ** 32;

/**
 * Whether a release is offered to a device. Only serial and image decide the device's position from 0 to 100 percent:
 * the same device always gets the same answer, a growing rollout keeps all its devices, and other releases draw again.
 */
export function isInRollout(serial: string, { sha256, rolloutPercent }: Release): boolean {
  const drawn = createHash('sha256').update(`${sha256}\n${serial}`).digest().readUInt32BE(0);
  return (drawn / STEPS) * 100 < rolloutPercent;
}

function fits(release: Release, { product, serial, hardware, version, securityFloor }: ReleaseSeeker): boolean {
  if (release.paused || release.product !== product) return false;
  if (release.hardware.length > 0 && !release.hardware.includes(hardware?.toUpperCase() ?? '')) return false;
  if (version !== null && compareVersions(release.version, version) <= 0) return false;
  return release.securityCounter >= (securityFloor ?? 0) && isInRollout(serial, release);
}

/**
 * The newest release that fits a device and is offered to it; `null` if there is none. Never a downgrade, never what
 * already runs.
 */
export function chooseRelease(releases: readonly Release[], device: ReleaseSeeker): Release | null {
  const fitting = releases.filter((release) => fits(release, device));
  return fitting.reduce<Release | null>(
    (best, release) => (best === null || compareVersions(release.version, best.version) > 0 ? release : best),
    null,
  );
}
