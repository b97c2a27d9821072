import { type DfuSuffix, decodeDfuSuffix } from '../../firmware/dfu-suffix.ts';
import type { Check, SignatureState } from '../../image-facts.ts';
import {
  checkHash,
  checkHeader,
  checkLength,
  checkSuffix,
  checkSuffixCrc,
  checkTrailer,
  type PayloadScan,
} from './checks.ts';
import { decodeHeader, type ImageHeader, judgeHeader } from './mcuboot.ts';
import { judgeSignatures, type Trust } from './signature.ts';
import { decodeTrailer, type ImageTrailer } from './trailer.ts';

/**
 * What is known about a file that should be a payload, whether it is one or not. `null`: missing, or not understood.
 */
export interface Examined {
  readonly sizeBytes: number;
  readonly crc32: number;
  readonly sha256: string;
  /** The MCUboot hash as computed from the file, 64 lower-case hexadecimal digits. */
  readonly imageHash: string | null;
  readonly suffix: DfuSuffix | null;
  readonly header: ImageHeader | null;
  readonly trailer: ImageTrailer | null;
  readonly signature: SignatureState;
  /** Of the key that signed it, a known one if possible; `null`: none that a device could trust. */
  readonly keyHash: string | null;
  readonly checks: readonly Check[];
}

/** Makes all checks, even after one has failed. Takes any scan and does not throw. */
export function examineImage(scan: PayloadScan, trust: Trust): Examined {
  const suffix = decodeDfuSuffix(scan.tail);
  const header = decodeHeader(scan.head);
  const usable = header.ok ? (judgeHeader(header.value) ?? header) : header;
  const trailer = usable.ok ? decodeTrailer(scan.trailer, usable.value.protectedSize) : null;
  const signed = judgeSignatures(trailer?.ok ? trailer.value : null, trust);
  return {
    sizeBytes: scan.sizeBytes,
    crc32: scan.crc32,
    sha256: scan.sha256,
    imageHash: scan.imageHash,
    suffix: suffix.ok ? suffix.value : null,
    header: header.ok ? header.value : null,
    trailer: trailer?.ok ? trailer.value : null,
    signature: signed.state,
    keyHash: signed.keyHash,
    checks: [
      checkLength(scan, suffix),
      checkSuffix(scan, suffix),
      checkSuffixCrc(scan, suffix),
      checkHeader(usable),
      checkTrailer(scan, trailer, suffix),
      checkHash(scan, trailer),
      signed.check,
    ],
  };
}
