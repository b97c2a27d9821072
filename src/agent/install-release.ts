import type { Channel } from '../channel/client.ts';
import { targetOf } from '../devices/choose.ts';
import { type RunLimits, update } from '../devices/update.ts';
import type { Outcome, Report } from '../engine/report.ts';
import { openImage } from '../image/open-image.ts';
import { SpacepackError, toSpacepackError } from '../protocol/errors.ts';
import type { Family } from '../protocol/family.ts';
import type { CheckedImage, UpdateImage } from '../protocol/image-facts.ts';
import { compareVersions, formatVersion } from '../protocol/versions.ts';
import type { Environment } from '../volume/port.ts';
import type { Match } from './seek.ts';

/** What an update needs besides the device. */
export interface Supplies {
  readonly environment: Environment;
  readonly families: readonly Family[];
  readonly channel: Channel;
  /** The maker's public keys, PEM. */
  readonly publicKeys: readonly string[];
  readonly limits: RunLimits;
}

/** A downloaded image that is what the channel described. */
async function fetchImage({ channel, publicKeys, limits }: Supplies, match: Match): Promise<UpdateImage> {
  const { release, to } = match;
  const path = await channel.download(release, limits.cancel);
  const image: CheckedImage & UpdateImage = await openImage(path, [match.candidate.sight.family], { publicKeys });
  const { version, sha256 } = image;
  if (sha256 !== release.sha256 || version === null || compareVersions(version, release.version) !== 0) {
    const found = `${version === null ? 'no version' : formatVersion(version)} with SHA-256 ${sha256}`;
    throw new SpacepackError('image-changed', `Expected ${to} with SHA-256 ${release.sha256}, found ${found}.`);
  }
  return image;
}

function refused(match: Match, thrown: unknown, elapsedMs: number): Outcome {
  const { code, message, remedy, fault } = toSpacepackError(thrown);
  const { candidate } = match;
  return {
    verdict: fault.verdict,
    code,
    meaning: fault.meaning,
    message: `${fault.meaning} ${message}`,
    remedy,
    oldFirmware: null,
    device: candidate.serial,
    from: candidate.from,
    // Nothing was installed, and the device was not read again.
    to: null,
    readBack: null,
    elapsedMs,
  };
}

/**
 * Downloads a release and installs it on one device. Never rejects: any obstacle becomes the outcome. Never a
 * downgrade.
 */
export async function* installRelease(supplies: Supplies, match: Match): AsyncGenerator<Report, Outcome> {
  const { environment, limits } = supplies;
  const began = environment.clock.now();
  try {
    const image = await fetchImage(supplies, match);
    return yield* update(environment, targetOf(match.candidate.sight), image, { ...limits, allowDowngrade: false });
  } catch (thrown) {
    return refused(match, thrown, environment.clock.now() - began);
  }
}
