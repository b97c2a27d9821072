import { createHash } from 'node:crypto';
import { SpacepackError } from '../protocol/errors.ts';
import type { Family, ImageFormat } from '../protocol/family.ts';
import type { CheckedImage, ImageReport } from '../protocol/image-facts.ts';
import { trustedKey } from './keys.ts';
import { headOf, type PayloadSource, readExactly } from './payload.ts';

export interface CheckOptions {
  /** The maker's public keys, PEM (SubjectPublicKeyInfo, Ed25519). None: the signature is left to the device. */
  readonly publicKeys?: readonly string[];
  /** Stops the reading; the promise then rejects with `interrupted`. */
  readonly signal?: AbortSignal;
  /** Called after each chunk with the number of bytes read so far. */
  readonly onBytes?: (bytes: number) => void;
}

const HEAD_BYTES = 32;

/** The families whose images a file may be; several may share a format. */
export type ImageFamilies = readonly Pick<Family, 'images'>[];

/** By its own name, or that of the file which is packed in it. */
function isNamed({ name }: PayloadSource, { extension }: ImageFormat): boolean {
  const own = name.toLowerCase().replace(/\)$|\.gz$/, '');
  return own.endsWith(`.${extension}`);
}

/**
 * The format that recognises the beginning of a file, else the one of its name, else one that may be anything; if there
 * is none, the first one, whose checks say what is wrong.
 */
async function formatOf(payload: PayloadSource, families: ImageFamilies): Promise<ImageFormat> {
  const formats = [...new Set(families.flatMap(({ images }) => images))];
  const [first, ...others] = formats;
  if (first === undefined) throw new TypeError('expected a format of images, found none');
  if (others.length === 0) return first;
  const head = await headOf(payload, HEAD_BYTES);
  return (
    formats.find((format) => format.recognises(head) === 'yes') ??
    formats.find((format) => isNamed(payload, format)) ??
    formats.find((format) => format.recognises(head) === 'maybe') ??
    first
  );
}

/**
 * Reads a payload once, in memory that does not grow with its size, makes every check and reports them all, even for a
 * file that is not an image: for display. Rejects with `key-unusable`, `image-unreadable`, `image-changed` or
 * `interrupted`.
 */
export async function inspectImage(
  payload: PayloadSource,
  families: ImageFamilies,
  { publicKeys = [], signal, onBytes }: CheckOptions = {},
): Promise<ImageReport> {
  const keys = publicKeys.map(trustedKey);
  const format = await formatOf(payload, families);
  const [sha256, md5] = [() => createHash('sha256'), () => createHash('md5')];
  const scanner = format.createScanner(payload.sizeBytes, sha256, md5);
  let readBytes = 0;
  for await (const chunk of readExactly(payload)) {
    if (signal?.aborted) {
      const message = `${payload.name}: expected to read it to its end, found the run called off.`;
      throw new SpacepackError('interrupted', message);
    }
    scanner.take(chunk);
    readBytes += chunk.length;
    onBytes?.(readBytes);
  }
  return { ...scanner.finish(keys), format: format.name };
}

/**
 * The image if no check failed. Otherwise throws `image-truncated`, `image-suffix`, `image-structure`, `image-hash` or
 * `image-signature`, after the first check that failed. `name` is what the message calls the file.
 */
export function requireImage(report: ImageReport, name: string): CheckedImage {
  const { checks, layout: _, imageHash, securityCounter, vendorId, productId, hardware, signature, ...rest } = report;
  const failed = checks.find(({ ok }) => ok === false);
  if (failed !== undefined) {
    const { code, expected, found, remedy } = failed;
    throw new SpacepackError(
      code,
      `${name}: expected ${expected}, found ${found}.`,
      remedy === undefined ? {} : { remedy },
    );
  }
  if (
    imageHash === null ||
    securityCounter === null ||
    vendorId === null ||
    productId === null ||
    hardware === null ||
    signature === 'wrong' ||
    signature === 'absent'
  ) {
    throw new SpacepackError('unexpected', `${name}: expected a check that fails, found none.`);
  }
  return { ...rest, imageHash, securityCounter, vendorId, productId, hardware, signature };
}

/**
 * Reads a payload once and returns what is known about it if nothing is wrong. Rejects as `inspectImage` does, and with
 * `image-truncated`, `image-suffix`, `image-structure`, `image-hash` or `image-signature`.
 */
export async function checkImage(
  payload: PayloadSource,
  families: ImageFamilies,
  options: CheckOptions = {},
): Promise<CheckedImage> {
  return requireImage(await inspectImage(payload, families, options), payload.name);
}

/**
 * Reads the bytes of a payload once more, to write them: chunks as from `PayloadSource.read`. Rejects with
 * `image-changed`, after the last chunk at the latest, unless they are the bytes that were checked.
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
    const message = `${payload.name}: expected SHA-256 ${image.sha256}, as it was checked, found ${found}.`;
    throw new SpacepackError('image-changed', message);
  }
}
