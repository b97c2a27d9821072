import { crc32 } from '../checksum.ts';
import { isTable, listOf, type Shape, whole, withFields } from '../shapes.ts';

/** A file by its size and CRC-32: enough to recognise it on a device that does not try to deceive. */
export interface FileDigest {
  readonly sizeBytes: number;
  readonly crc32: number;
}

/** The same of a file that may be found cut off. */
export interface Fingerprint extends FileDigest {
  /** Of its first 1, 2, 4, 8, … bytes, as far as there are so many. */
  readonly beginnings: readonly number[];
}

const isCrc = whole(0, 0xffff_ffff);
export const isDigest: Shape<FileDigest> = withFields<FileDigest>({ sizeBytes: whole(0), crc32: isCrc });
const isWhole = withFields<Fingerprint>({ sizeBytes: whole(0), crc32: isCrc, beginnings: listOf(isCrc, 64) });
export const isFingerprint: Shape<Fingerprint> = (value): value is Fingerprint => isTable(value) && isWhole(value);

export function digestOf(bytes: Uint8Array): FileDigest {
  return { sizeBytes: bytes.length, crc32: crc32(bytes) };
}

export function isSameDigest(one: FileDigest, other: FileDigest): boolean {
  return one.sizeBytes === other.sizeBytes && one.crc32 === other.crc32;
}

/** Takes a file piece by piece. */
export function createFingerprinter(): { take(chunk: Uint8Array): void; finish(): Fingerprint } {
  let [sizeBytes, crc] = [0, 0];
  const beginnings: number[] = [];
  return {
    take(chunk) {
      let from = 0;
      for (let next = 2 ** beginnings.length; next <= sizeBytes + chunk.length - from; next *= 2) {
        const upTo = from + next - sizeBytes;
        crc = crc32(chunk.subarray(from, upTo), crc);
        [sizeBytes, from] = [next, upTo];
        beginnings.push(crc);
      }
      crc = crc32(chunk.subarray(from), crc);
      sizeBytes += chunk.length - from;
    },
    finish: () => ({ sizeBytes, crc32: crc, beginnings }),
  };
}

/** Whether a file begins with all of the bytes. */
export function beginsWith(file: Uint8Array, { sizeBytes, crc32: crc }: FileDigest): boolean {
  return file.length >= sizeBytes && crc32(file.subarray(0, sizeBytes)) === crc;
}

/** Files arrive in sectors, so a cut leaves whole ones. */
const SECTOR_BYTES = 512;

/**
 * Whether a file holds just a part of the bytes, from the first one on, as far as that can be told: of a file of another
 * length, such as an older version with the same beginning, that is not assumed.
 */
export function isCutOff(file: Uint8Array, { sizeBytes, beginnings }: Fingerprint): boolean {
  if (file.length >= sizeBytes || file.length % SECTOR_BYTES !== 0) return false;
  if (file.length === 0) return true;
  const power = Math.floor(Math.log2(file.length));
  return crc32(file.subarray(0, 2 ** power)) === beginnings[power];
}
