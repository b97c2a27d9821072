import crc32Library from 'crc-32';

/**
 * CRC-32/ISO-HDLC, as an unsigned number (protocol §3.4: the CRC of `123456789` is CBF43926).
 * To continue after an earlier piece, pass that piece's result as `before`.
 */
export function crc32(bytes: Uint8Array, before = 0): number {
  // The library takes and returns signed numbers.
  return crc32Library.buf(bytes, before) >>> 0;
}
