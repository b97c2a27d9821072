import { type Decoded, decoded, mismatch } from '../decoded.ts';
import { toHex } from '../hex.ts';

/** The 16 bytes at the end of a payload (protocol §8.3; USB DFU 1.1, appendix B). */
export interface DfuSuffix {
  readonly vendorId: number;
  readonly productId: number;
  /** `bcdDevice`: the hardware revision that the image is for, or `ANY_HARDWARE`. */
  readonly hardware: number;
  /** `dwCRC`: what the DFU CRC of all bytes before this field must be. */
  readonly crc: number;
}

export const DFU_SUFFIX_BYTES = 16;
/** The size of `dwCRC`, the end of the file, which the DFU CRC does not cover. */
export const DFU_CRC_BYTES = 4;

const DFU_VERSION = 0x0100;
/** `UFD`, at offset 8. */
const LETTERS = [0x55, 0x46, 0x44] as const;

/** Decodes the suffix from the last bytes of a file. The caller compares the CRC. */
export function decodeDfuSuffix(tail: Uint8Array): Decoded<DfuSuffix> {
  const expected = 'a DFU suffix in the last 16 bytes';
  if (tail.length < DFU_SUFFIX_BYTES) return mismatch(expected, `${tail.length} bytes`);
  const bytes = tail.subarray(-DFU_SUFFIX_BYTES);
  if (!LETTERS.every((letter, index) => bytes[8 + index] === letter)) {
    const there = Array.from(bytes.subarray(8, 11), (byte) => toHex(byte, 2)).join(' ');
    return mismatch(`${expected}, with the letters UFD (55 46 44)`, `the bytes ${there} there`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, DFU_SUFFIX_BYTES);
  const length = view.getUint8(11);
  if (length !== DFU_SUFFIX_BYTES) return mismatch(expected, `a suffix that gives its own length as ${length} bytes`);
  const dfuVersion = view.getUint16(6, true);
  if (dfuVersion !== DFU_VERSION) {
    return mismatch(`${expected}, of DFU version 0100`, `one of version ${toHex(dfuVersion, 4)}`);
  }
  return decoded({
    hardware: view.getUint16(0, true),
    productId: view.getUint16(2, true),
    vendorId: view.getUint16(4, true),
    crc: view.getUint32(12, true),
  });
}

/** The 16 bytes of a suffix. The CRC covers the first 12 of them too; to compute it, encode with any `crc` first. */
export function encodeDfuSuffix(suffix: DfuSuffix): Uint8Array {
  const bytes = new Uint8Array(DFU_SUFFIX_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, suffix.hardware, true);
  view.setUint16(2, suffix.productId, true);
  view.setUint16(4, suffix.vendorId, true);
  view.setUint16(6, DFU_VERSION, true);
  bytes.set(LETTERS, 8);
  view.setUint8(11, DFU_SUFFIX_BYTES);
  view.setUint32(12, suffix.crc, true);
  return bytes;
}

/** The CRC of a DFU suffix, from the CRC-32 over the same bytes: it has no final inversion (protocol §8.3). */
export function dfuCrcOf(crc: number): number {
  return ~crc >>> 0;
}
