import type { Geometry } from './geometry.ts';
import { SECTOR_BYTES, type Sectors } from './sectors.ts';

/** The cells of the file allocation table, one a cluster. */
export interface Table {
  /** Of the first copy. */
  get(cluster: number): number;
  /** All cells of the first copy, as they are now; those of clusters begin at 2. */
  cells(): Uint32Array;
  /** Whether all copies of the table say the same of a cluster. */
  agrees(cluster: number): boolean;
  /** In all copies. */
  set(cluster: number, value: number): void;
  isEnd(value: number): boolean;
  readonly end: number;
}

const WIDTHS = {
  12: { mask: 0xfff, firstEnd: 0xff8 },
  16: { mask: 0xffff, firstEnd: 0xfff8 },
  32: { mask: 0x0fffffff, firstEnd: 0x0ffffff8 },
} as const;

export function tableOf(sectors: Sectors, { bits, firstTable, tables, tableSectors, clusters }: Geometry): Table {
  const { mask, firstEnd } = WIDTHS[bits];
  const copies = Array.from({ length: tables }, (_, copy) => firstTable + copy * tableSectors);
  const place = (cluster: number) => {
    const offset = Math.floor((cluster * bits) / 8);
    // A cell of FAT12 may lie across two sectors.
    return { sector: Math.floor(offset / SECTOR_BYTES), at: offset % SECTOR_BYTES };
  };
  const read = (copy: number, cluster: number): number => {
    const { sector, at } = place(cluster);
    if (bits === 32) return sectors.read(copy + sector).readUInt32LE(at) & mask;
    const word = sectors.read(copy + sector, bits === 12 ? 2 : 1).readUInt16LE(at);
    return bits === 16 ? word : cluster % 2 === 1 ? word >> 4 : word & mask;
  };
  const write = (copy: number, cluster: number, value: number): void => {
    const { sector, at } = place(cluster);
    const bytes = Buffer.from(sectors.read(copy + sector, bits === 12 && at === SECTOR_BYTES - 1 ? 2 : 1));
    if (bits === 32) bytes.writeUInt32LE(((bytes.readUInt32LE(at) & 0xf0000000) | value) >>> 0, at);
    else if (bits === 16) bytes.writeUInt16LE(value, at);
    else {
      const old = bytes.readUInt16LE(at);
      bytes.writeUInt16LE(cluster % 2 === 1 ? (old & 0x000f) | (value << 4) : (old & 0xf000) | value, at);
    }
    sectors.write(copy + sector, bytes);
  };
  return {
    get: (cluster) => read(firstTable, cluster),
    cells() {
      const cells = new Uint32Array(clusters + 2);
      if (bits === 12) return cells.map((_, cluster) => read(firstTable, cluster));
      const bytes = sectors.read(firstTable, tableSectors);
      for (let cluster = 0; cluster < cells.length; cluster += 1) {
        cells[cluster] = bits === 32 ? bytes.readUInt32LE(cluster * 4) & mask : bytes.readUInt16LE(cluster * 2);
      }
      return cells;
    },
    agrees: (cluster) => copies.every((copy) => read(copy, cluster) === read(firstTable, cluster)),
    set(cluster, value) {
      for (const copy of copies) write(copy, cluster, value);
    },
    isEnd: (value) => value >= firstEnd,
    end: mask,
  };
}
