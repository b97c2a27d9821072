import { toHex } from '../protocol/hex.ts';
import type { ImageReport } from '../protocol/image.ts';
import { formatVersion } from '../protocol/versions.ts';
import type { ImageFile } from './events.ts';

const SIGNATURES = { true: 'verified', false: 'wrong', null: 'unchecked' } as const;

/** What is known of an image file, for events and for people. */
export function imageFacts(file: string, report: ImageReport): ImageFile {
  const { sizeBytes, crc32, sha256, imageHash, suffix, header, trailer, keyHash, checks } = report;
  const signed = checks.find(({ check }) => check === 'signature')?.ok ?? null;
  return {
    file,
    sizeBytes,
    crc32: toHex(crc32, 8),
    sha256,
    imageHash,
    version: header === null ? null : formatVersion(header.version),
    securityCounter: trailer?.securityCounter ?? null,
    vendorId: suffix === null ? null : toHex(suffix.vendorId, 4),
    productId: suffix === null ? null : toHex(suffix.productId, 4),
    hardware: suffix === null ? null : toHex(suffix.hardware, 4),
    signature: SIGNATURES[`${signed}`],
    keyHash,
  };
}
