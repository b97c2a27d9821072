import { SECTOR_BYTES, type Sectors } from './sectors.ts';

/** A card over another one, which it never changes: what is written stays above. */
export function layeredSectors(base: Sectors): Sectors {
  const above = new Map<number, Buffer>();
  return {
    count: base.count,
    read(first, count = 1) {
      if (count === 1) return above.get(first) ?? base.read(first);
      const bytes = Buffer.from(base.read(first, count));
      for (const [sector, data] of above) {
        if (sector >= first && sector < first + count) bytes.set(data, (sector - first) * SECTOR_BYTES);
      }
      return bytes;
    },
    write(first, bytes) {
      for (let at = 0; at < bytes.length; at += SECTOR_BYTES) {
        above.set(first + at / SECTOR_BYTES, Buffer.from(bytes.subarray(at, at + SECTOR_BYTES)));
      }
    },
  };
}
