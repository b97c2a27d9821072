import type { Commitment, OpenRecord } from '../protocol/commitment.ts';
import type { DeviceInfo } from '../protocol/device-info.ts';
import { SpacepackError } from '../protocol/errors.ts';
import { identityOf, serialOf } from '../protocol/identity.ts';
import type { ImageFacts } from '../protocol/image-facts.ts';
import type { MountedVolume } from '../protocol/sight.ts';
import { formatVersion } from '../protocol/versions.ts';
import type { RunContext } from './context.ts';
import { notice, type Report } from './report.ts';

/** The record of a commit to the device on this volume; `image`: what is installed, `null` for a ping. */
export function recordOf(
  { environment, family, findings }: RunContext,
  { drive }: MountedVolume,
  info: DeviceInfo,
  commit: Pick<Commitment, 'nonce' | 'memory'>,
  image: Pick<ImageFacts, 'imageHash' | 'version'> | null,
): OpenRecord {
  return {
    family: family.id,
    action: image === null ? 'ping' : 'install',
    serial: serialOf(drive, info),
    nonce: commit.nonce,
    memory: commit.memory,
    newImage: image?.imageHash ?? null,
    oldImage: info.image,
    fromVersion: findings.from,
    toVersion: image?.version ? formatVersion(image.version) : null,
    port: identityOf(drive).port,
    timing: info.timing,
    committedAt: environment.date().toISOString(),
  };
}

/**
 * Closes the record of a commit whose end is known. If that fails, it says so: what the device said still stands, and the
 * next run copes with the record. A dry run leaves it open.
 */
export async function* closeRecord(
  { environment, findings, options }: RunContext,
  nonce: string,
): AsyncGenerator<Report, void> {
  findings.dealtWith.add(nonce);
  findings.open = findings.open.filter((record) => record.nonce !== nonce);
  if (options.dryRun) return;
  try {
    await environment.records.close(nonce);
  } catch (thrown) {
    if (!(thrown instanceof SpacepackError)) throw thrown;
    const message = `The record of this update could not be closed, which changes nothing: ${thrown.message}`;
    yield notice('record-kept', message);
  }
}

/** For a commit that is known never to have reached the device: what was read before it is valid again. */
export async function* forget(
  context: RunContext,
  { nonce, oldImage }: Pick<Commitment, 'nonce' | 'oldImage'>,
): AsyncGenerator<Report, void> {
  const { findings } = context;
  yield* closeRecord(context, nonce);
  findings.now = { image: oldImage };
  findings.to = findings.from;
}
