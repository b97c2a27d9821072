/** A file that the board makes up as it is read. */
export interface GhostFile {
  /** 8.3, padded: `INFO_UF2TXT`. */
  readonly name: string;
  readonly sizeBytes: number;
  read(sector: number): Uint8Array;
}

export interface GhostFat {
  readonly sectors: number;
  read(lba: number): Uint8Array;
}

const RESERVED = 1;
const FATS = 2;
const ROOT_SECTORS = 4;

/** A FAT16 volume without a medium: adafruit/tinyuf2, src/ghostfat.c. `hasTable`: an MBR goes before (RP2040). */
export function ghostFat(
  files: readonly GhostFile[],
  { sectors, hasTable, label }: { readonly sectors: number; readonly hasTable: boolean; readonly label: string },
): GhostFat {
  const fatSectors = Math.ceil(sectors / 256);
  const rootAt = RESERVED + FATS * fatSectors;
  const dataAt = rootAt + ROOT_SECTORS;
  let next = 2;
  const placed = files.map((file) => {
    const first = next;
    next += Math.ceil(file.sizeBytes / 512);
    return { ...file, first, last: next - 1 };
  });

  function boot(): Uint8Array {
    const sector = new Uint8Array(512);
    const view = new DataView(sector.buffer);
    sector.set([0xeb, 0x3c, 0x90]);
    sector.set(new TextEncoder().encode('UF2 UF2 '), 3);
    view.setUint16(11, 512, true);
    sector[13] = 1;
    view.setUint16(14, RESERVED, true);
    sector[16] = FATS;
    view.setUint16(17, ROOT_SECTORS * 16, true);
    sector[21] = 0xf8;
    view.setUint16(22, fatSectors, true);
    view.setUint16(24, 1, true);
    view.setUint16(26, 1, true);
    view.setUint32(32, sectors, true);
    sector[36] = 0x80;
    sector[38] = 0x29;
    view.setUint32(39, 0x00420042, true);
    sector.set(new TextEncoder().encode(`${label.padEnd(11)}FAT16   `), 43);
    view.setUint16(510, 0xaa55, true);
    return sector;
  }
  function table(index: number): Uint8Array {
    const sector = new Uint8Array(512);
    const view = new DataView(sector.buffer);
    for (let entry = 0; entry < 256; entry++) {
      const cluster = index * 256 + entry;
      const file = placed.find(({ first, last }) => first <= cluster && cluster <= last);
      if (cluster < 2) view.setUint16(entry * 2, 0xffff, true);
      else if (file !== undefined) view.setUint16(entry * 2, cluster === file.last ? 0xffff : cluster + 1, true);
    }
    return sector;
  }
  function root(): Uint8Array {
    const sector = new Uint8Array(512);
    const view = new DataView(sector.buffer);
    sector.set(new TextEncoder().encode(label.padEnd(11)));
    sector[11] = 0x08;
    for (const [index, { name, sizeBytes, first }] of placed.entries()) {
      const at = (index + 1) * 32;
      sector.set(new TextEncoder().encode(name), at);
      view.setUint16(at + 26, first, true);
      view.setUint32(at + 28, sizeBytes, true);
    }
    return sector;
  }
  function read(lba: number): Uint8Array {
    if (lba === 0) return boot();
    if (lba < rootAt) return table((lba - RESERVED) % fatSectors);
    if (lba === rootAt) return root();
    const cluster = lba - dataAt + 2;
    const file = placed.find(({ first, last }) => first <= cluster && cluster <= last);
    const sector = new Uint8Array(512);
    if (file !== undefined) sector.set(file.read(cluster - file.first).subarray(0, 512));
    return sector;
  }
  const mbr = (): Uint8Array => {
    const sector = new Uint8Array(512);
    const view = new DataView(sector.buffer);
    sector[450] = 0x0e;
    view.setUint32(454, 1, true);
    view.setUint32(458, sectors, true);
    view.setUint16(510, 0xaa55, true);
    return sector;
  };
  if (!hasTable) return { sectors, read };
  return { sectors: sectors + 1, read: (lba) => (lba === 0 ? mbr() : read(lba - 1)) };
}
