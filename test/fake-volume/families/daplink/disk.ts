/**
 * The disk of a DAPLink probe, sector by sector, as in ARMmbed/DAPLink source/daplink/drag-n-drop/virtual_fs.c at ca1bfb28:
 * FAT16 without a partition table, whose files are made up when they are read. Only the directory remembers what is written.
 */
export const SECTOR: number = 512;
const CLUSTER_SECTORS = 8;
const FAT_SECTORS = 65;
const ROOT_SECTORS = 2;
const ENTRY = 32;
const TOTAL_SECTORS = (64 * 1024 * 1024 + 64 * 1024) / SECTOR;

interface Layout {
  readonly clusterBytes: number;
  readonly fat: number;
  readonly secondFat: number;
  readonly root: number;
  readonly data: number;
  readonly total: number;
}

export const LAYOUT: Layout = {
  clusterBytes: CLUSTER_SECTORS * SECTOR,
  fat: 1,
  secondFat: 1 + FAT_SECTORS,
  root: 1 + 2 * FAT_SECTORS,
  data: 1 + 2 * FAT_SECTORS + ROOT_SECTORS,
  total: TOTAL_SECTORS,
};

export const sectorOfCluster = (cluster: number): number => LAYOUT.data + (cluster - 2) * CLUSTER_SECTORS;

/** A slot of the directory that is not what it was. */
export interface EntryChange {
  readonly kind: 'created' | 'changed' | 'deleted';
  readonly slot: number;
  /** 8 and 3 bytes, without a dot. */
  readonly name: string;
  readonly isHidden: boolean;
  readonly sizeBytes: number;
  /** `null`: of an empty file. */
  readonly sector: number | null;
}

export interface ProbeDisk {
  read(sector: number): Uint8Array;
  /** Tells of each slot of the directory that changes. */
  write(sector: number, bytes: Uint8Array, onChange: (change: EntryChange) => void): void;
}

const nameIn = (entry: Buffer): string => entry.subarray(0, 11).toString('latin1');
/** No lower case: the bytes of a name must be those of a short entry. */
const isName = (name: string): boolean => /^[^\xe5\0 "*+,./:;<=>?[\]|a-z][^\0-\x1f"*+,./:;<=>?[\]|a-z]{10}$/.test(name);

function describe(kind: EntryChange['kind'], slot: number, entry: Buffer, name = nameIn(entry)): EntryChange {
  const sizeBytes = entry.readUInt32LE(28);
  const isHidden = ((entry[11] ?? 0) & 2) !== 0;
  return {
    kind,
    slot,
    name,
    isHidden,
    sizeBytes,
    sector: sizeBytes === 0 ? null : sectorOfCluster(entry.readUInt16LE(26)),
  };
}

/** Its label is always this one; the real name is in the directory. */
function bootSector(): Buffer {
  const boot = Buffer.alloc(SECTOR);
  boot.set([0xeb, 0x3c, 0x90]);
  boot.write('MSD0S4.1', 3, 'latin1');
  boot.writeUInt16LE(SECTOR, 11);
  boot[13] = CLUSTER_SECTORS;
  boot.writeUInt16LE(LAYOUT.fat, 14);
  boot[16] = 2;
  boot.writeUInt16LE((ROOT_SECTORS * SECTOR) / ENTRY, 17);
  boot[21] = 0xf8;
  boot.writeUInt16LE(FAT_SECTORS, 22);
  boot.writeUInt16LE(1, 24);
  boot.writeUInt16LE(1, 26);
  boot.writeUInt32LE(TOTAL_SECTORS, 32);
  boot[38] = 0x29;
  boot.writeUInt32LE(0x27021974, 39);
  boot.write('DAPLINK-DNDFAT16   ', 43, 'latin1');
  boot.writeUInt16LE(0xaa55, 510);
  return boot;
}

export function createProbeDisk(label: string, files: ReadonlyMap<string, string>): ProbeDisk {
  const root = Buffer.alloc(ROOT_SECTORS * SECTOR);
  const fat = Buffer.alloc(SECTOR);
  const content = new Map<number, Buffer>();
  fat.writeUInt16LE(0xfff8, 0);
  fat.writeUInt16LE(0xffff, 2);
  root.write(label.padEnd(11), 0, 'latin1');
  root[11] = 0x08;
  const boot = bootSector();
  let cluster = 2;
  for (const [index, [name, text]] of [...files].entries()) {
    const at = (index + 1) * ENTRY;
    root.write(name, at, 'latin1');
    root[at + 11] = 0x01;
    root.writeUInt16LE(cluster, at + 26);
    root.writeUInt32LE(text.length, at + 28);
    fat.writeUInt16LE(0xffff, cluster * 2);
    content.set(sectorOfCluster(cluster), Buffer.concat([Buffer.from(text, 'latin1')], SECTOR));
    cluster += 1;
  }
  function writeRoot(sector: number, bytes: Uint8Array, onChange: (change: EntryChange) => void): void {
    const first = ((sector - LAYOUT.root) * SECTOR) / ENTRY;
    const from = first === 0 ? 1 : 0;
    for (let slot = from; slot < SECTOR / ENTRY; slot += 1) {
      const old = Buffer.from(root.subarray((first + slot) * ENTRY, (first + slot + 1) * ENTRY));
      const entry = Buffer.from(bytes.subarray(slot * ENTRY, (slot + 1) * ENTRY));
      if (old.equals(entry)) continue;
      onChange(describe('changed', first + slot, entry));
      if (entry[0] === 0xe5) onChange(describe('deleted', first + slot, entry, nameIn(old)));
      else if (nameIn(old) !== nameIn(entry) && isName(nameIn(entry)))
        onChange(describe('created', first + slot, entry));
    }
    root.set(bytes, (sector - LAYOUT.root) * SECTOR);
  }
  const isRoot = (sector: number): boolean => sector >= LAYOUT.root && sector < LAYOUT.data;
  return {
    read(sector) {
      if (sector === 0) return Buffer.from(boot);
      if (sector === LAYOUT.fat || sector === LAYOUT.secondFat) return Buffer.from(fat);
      // Only what fits in the first sector is shown.
      if (sector === LAYOUT.root) return Buffer.concat([root.subarray(0, (files.size + 1) * ENTRY)], SECTOR);
      return Buffer.from(content.get(sector) ?? Buffer.alloc(SECTOR));
    },
    write(sector, bytes, onChange) {
      if (isRoot(sector)) writeRoot(sector, bytes, onChange);
    },
  };
}
