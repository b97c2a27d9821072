import { SECTOR_BYTES, type Sectors } from '../../fake-volume/cards/fat/sectors.ts';

/** A medium that a firmware makes up, one sector at a time. */
export function madeUp(
  count: number,
  read: (sector: number) => Uint8Array,
  write: (sector: number, bytes: Uint8Array) => void,
): Sectors {
  return {
    count,
    read: (first, wanted = 1) => Buffer.concat(Array.from({ length: wanted }, (_, index) => read(first + index))),
    write(first, bytes) {
      for (let at = 0; at < bytes.length; at += SECTOR_BYTES)
        write(first + at / SECTOR_BYTES, Uint8Array.from(bytes.subarray(at, at + SECTOR_BYTES)));
    },
  };
}
