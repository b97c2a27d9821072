import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** CRC-32/ISO-HDLC as 8 upper-case hexadecimal digits (protocol §3.4). */
export function crc32Hex(bytes: Uint8Array): string {
  return crc32(bytes).toString(16).toUpperCase().padStart(8, '0');
}

/** The CRC of a DFU suffix: CRC-32/ISO-HDLC without the final inversion (protocol §8.3). */
export function dfuCrc(bytes: Uint8Array): number {
  return ~crc32(bytes) >>> 0;
}

export function sha256(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes).digest();
}

/** SHA-256 as 64 lower-case hexadecimal digits. */
export function sha256Hex(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
