/** Bytes of a sector; cards with others are not read (protocol §1.1 leaves it to the device). */
export const SECTOR_BYTES = 512;

/** A card as its controller sees it: numbered sectors, and nothing else. */
export interface Sectors {
  readonly count: number;
  /** A view of so many sectors, which later writes change; all zero behind the end of the card. */
  read(first: number, count?: number): Buffer;
  /** Whole sectors. */
  write(first: number, bytes: Uint8Array): void;
}

/** A card kept in memory. */
export function sectorsOf(image: Uint8Array): Sectors {
  const bytes = Buffer.from(image.buffer, image.byteOffset, image.byteLength);
  const count = Math.floor(bytes.length / SECTOR_BYTES);
  return {
    count,
    read(first, wanted = 1) {
      if (first >= 0 && first + wanted <= count)
        return bytes.subarray(first * SECTOR_BYTES, (first + wanted) * SECTOR_BYTES);
      return Buffer.alloc(wanted * SECTOR_BYTES);
    },
    write: (first, data) => bytes.set(data, first * SECTOR_BYTES),
  };
}
