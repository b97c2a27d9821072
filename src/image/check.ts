import { createHash } from 'node:crypto';
import { SpacepackError } from '../protocol/errors.ts';
import { type CheckedImage, examineImage, type ImageReport, requireImage } from '../protocol/image.ts';
import { trustedKey } from './keys.ts';
import { type PayloadSource, readExactly } from './payload.ts';
import { type ScanOptions, scanPayload } from './scan.ts';

export interface CheckOptions extends ScanOptions {
  /** The maker's public keys, PEM (SubjectPublicKeyInfo, Ed25519). None: the signature is left to the device. */
  readonly publicKeys?: readonly string[];
}

/**
 * Makes every check of a payload and reports them all, also for a file that is no image: for display. Rejects with
 * `key-unusable`, `image-unreadable`, `image-changed` or `interrupted`.
 */
export async function inspectImage(payload: PayloadSource, options: CheckOptions = {}): Promise<ImageReport> {
  const keys = (options.publicKeys ?? []).map(trustedKey);
  return examineImage(await scanPayload(payload, options), keys);
}

/**
 * Reads a payload once and gives what is known of it if nothing is wrong (protocol §8). Rejects as `inspectImage` does, and
 * with `image-truncated`, `image-suffix`, `image-structure`, `image-hash` or `image-signature`.
 */
export async function checkImage(payload: PayloadSource, options: CheckOptions = {}): Promise<CheckedImage> {
  return requireImage(await inspectImage(payload, options), payload.name);
}

/**
 * The bytes of a payload once more, to be written: chunks as `PayloadSource.read` gives them. Rejects with `image-changed`,
 * after the last chunk at the latest, unless they are the bytes that were checked.
 */
export async function* readChecked(
  payload: PayloadSource,
  image: Pick<CheckedImage, 'sha256'>,
): AsyncGenerator<Uint8Array, void> {
  const sha256 = createHash('sha256');
  for await (const chunk of readExactly(payload)) {
    sha256.update(chunk);
    yield chunk;
  }
  const found = sha256.digest('hex');
  if (found !== image.sha256) {
    const message = `${payload.name}: expected SHA-256 ${image.sha256}, as it was checked; found ${found}.`;
    throw new SpacepackError('image-changed', message);
  }
}
