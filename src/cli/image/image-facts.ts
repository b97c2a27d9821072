import { toHex } from '../../protocol/hex.ts';
import type { ImageReport } from '../../protocol/image-facts.ts';
import { formatVersion } from '../../protocol/versions.ts';
import type { ImageFile } from '../talk/events.ts';

const SIGNATURES = { true: 'verified', false: 'wrong', null: 'unchecked' } as const;

/** What is known of an image file, for events and for people. */
export function imageFacts(file: string, report: ImageReport): ImageFile {
  const { sizeBytes, crc32, sha256, imageHash, version, securityCounter, vendorId, productId, hardware } = report;
  return {
    file,
    sizeBytes,
    crc32: toHex(crc32, 8),
    sha256,
    imageHash,
    version: version === null ? null : formatVersion(version),
    securityCounter,
    vendorId: vendorId === null ? null : toHex(vendorId, 4),
    productId: productId === null ? null : toHex(productId, 4),
    hardware: hardware === null ? null : toHex(hardware, 4),
    signature: SIGNATURES[`${report.isSigned}`],
    keyHash: report.keyHash,
  };
}
