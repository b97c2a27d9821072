import { type DfuSuffix, decodeDfuSuffix } from './dfu-suffix.ts';
import { SpacepackError } from './errors.ts';
import type { ImageFacts } from './fit.ts';
import {
  type Check,
  checkHash,
  checkHeader,
  checkLength,
  checkSignature,
  checkSuffix,
  checkSuffixCrc,
  checkTrailer,
  type PayloadScan,
  type TrustedKey,
} from './image-checks.ts';
import { decodeHeader, type ImageHeader, judgeHeader } from './mcuboot.ts';
import { decodeTrailer, type ImageTrailer } from './trailer.ts';

/** What is known of a file that should be a payload, be it one or not. `null`: not there, or not to be understood. */
export interface ImageReport {
  readonly sizeBytes: number;
  /** CRC-32/ISO-HDLC over the whole file. */
  readonly crc32: number;
  /** Over the whole file, 64 lower-case hexadecimal digits. */
  readonly sha256: string;
  /** The MCUboot hash as computed from the file, 64 lower-case hexadecimal digits. */
  readonly imageHash: string | null;
  readonly suffix: DfuSuffix | null;
  readonly header: ImageHeader | null;
  readonly trailer: ImageTrailer | null;
  /** Of the key that signed it, a known one if there is; `null`: no signature, or one that names no key. */
  readonly keyHash: string | null;
  /** In the order in which they were made. */
  readonly checks: readonly Check[];
}

/** An image all of whose checks passed. */
export interface CheckedImage extends ImageFacts {
  /** `unchecked`: no key is known here, so that only the device will check it. */
  readonly signature: 'verified' | 'unchecked';
  /** Of the key that signed it, a known one if there is; `null`: no signature, or one that names no key. */
  readonly keyHash: string | null;
}

/** Makes all checks, also after one that fails. Takes any scan and does not throw. */
export function examineImage(scan: PayloadScan, keys: readonly TrustedKey[]): ImageReport {
  const suffix = decodeDfuSuffix(scan.tail);
  const header = decodeHeader(scan.head);
  const usable = header.ok ? (judgeHeader(header.value) ?? header) : header;
  const trailer = usable.ok ? decodeTrailer(scan.trailer, usable.value.protectedSize) : null;
  const signers = trailer?.ok ? trailer.value.signatures.map(({ keyHash }) => keyHash) : [];
  return {
    sizeBytes: scan.sizeBytes,
    crc32: scan.crc32,
    sha256: scan.sha256,
    imageHash: scan.imageHash,
    suffix: suffix.ok ? suffix.value : null,
    header: header.ok ? header.value : null,
    trailer: trailer?.ok ? trailer.value : null,
    keyHash: signers.find((keyHash) => keys.some((key) => key.keyHash === keyHash)) ?? signers[0] ?? null,
    checks: [
      checkLength(scan, suffix),
      checkSuffix(scan, suffix),
      checkSuffixCrc(scan, suffix),
      checkHeader(usable),
      checkTrailer(scan, trailer, suffix),
      checkHash(scan, trailer),
      checkSignature(trailer, keys),
    ],
  };
}

function refusal({ checks }: ImageReport, name: string): SpacepackError {
  const failed = checks.find(({ ok }) => ok === false);
  if (failed === undefined)
    return new SpacepackError('unexpected', `${name}: expected a check that fails; found none.`);
  return new SpacepackError(failed.code, `${name}: expected ${failed.expected}; found ${failed.found}.`);
}

/**
 * The image if no check failed. Else throws `image-truncated`, `image-suffix`, `image-structure`, `image-hash` or
 * `image-signature`, by the first check that failed. `name` is what the message calls the file.
 */
export function requireImage(report: ImageReport, name: string): CheckedImage {
  const { sizeBytes, crc32, sha256, imageHash, suffix, header, trailer, keyHash, checks } = report;
  const failed = checks.some(({ ok }) => ok === false);
  if (failed || imageHash === null || suffix === null || header === null || trailer === null) {
    throw refusal(report, name);
  }
  const verified = checks.some(({ check, ok }) => check === 'signature' && ok === true);
  return {
    sizeBytes,
    crc32,
    sha256,
    imageHash,
    version: header.version,
    securityCounter: trailer.securityCounter,
    vendorId: suffix.vendorId,
    productId: suffix.productId,
    hardware: suffix.hardware,
    signature: verified ? 'verified' : 'unchecked',
    keyHash,
  };
}
