import { LAYOUT, type ProbeDisk, SECTOR, sectorOfCluster } from './disk.ts';

/** One sector that reaches the device. */
export interface SectorWrite {
  readonly sector: number;
  readonly bytes: Uint8Array;
}

/** What a computer keeps of a volume for as long as it is mounted: all of it, as it was when it was mounted. */
export interface HostMount {
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Adds a file to what is kept; the sectors, in the order in which Linux writes them at an fsync: data, directory, FATs. */
  create(name: string, bytes: Uint8Array): readonly SectorWrite[];
  /** Removes one; the sector of the directory. */
  remove(name: string): readonly SectorWrite[];
}

const nameOf = (entry: Buffer): string => {
  const [stem, extension] = [entry.toString('latin1', 0, 8).trim(), entry.toString('latin1', 8, 11).trim()];
  return extension === '' ? stem : `${stem}.${extension}`;
};

export function mountOf(disk: ProbeDisk): HostMount {
  const root = Buffer.from(disk.read(LAYOUT.root));
  const fat = Buffer.from(disk.read(LAYOUT.fat));
  const files = new Map<string, Uint8Array>();
  for (let at = 32; at < root.length && root[at] !== 0; at += 32) {
    const entry = root.subarray(at, at + 32);
    const size = entry.readUInt32LE(28);
    files.set(nameOf(entry), disk.read(sectorOfCluster(entry.readUInt16LE(26))).slice(0, size));
  }
  return {
    files,
    remove(name) {
      for (let slot = 32; slot < root.length && root[slot] !== 0; slot += 32) {
        if (root[slot] === 0xe5 || nameOf(root.subarray(slot, slot + 11)) !== name) continue;
        fat.writeUInt16LE(0, root.readUInt16LE(slot + 26) * 2);
        root[slot] = 0xe5;
        files.delete(name);
        return [{ sector: LAYOUT.root, bytes: Buffer.from(root) }];
      }
      return [];
    },
    create(name, bytes) {
      files.set(name, bytes);
      let [cluster, slot] = [2, 32];
      while (fat.readUInt16LE(cluster * 2) !== 0) cluster += 1;
      while (root[slot] !== 0 && root[slot] !== 0xe5) slot += 32;
      const first = sectorOfCluster(cluster);
      const data: SectorWrite[] = [];
      for (let at = 0; at < Math.ceil(bytes.length / LAYOUT.clusterBytes) * LAYOUT.clusterBytes; at += SECTOR) {
        const part = Buffer.concat([bytes.subarray(at, at + SECTOR)], SECTOR);
        data.push({ sector: first + at / SECTOR, bytes: part });
      }
      const [stem = '', extension = ''] = name.split('.');
      root.write(`${stem.padEnd(8)}${extension.padEnd(3)}`, slot, 'latin1');
      root[slot + 11] = 0x20;
      root.writeUInt16LE(cluster, slot + 26);
      root.writeUInt32LE(bytes.length, slot + 28);
      fat.writeUInt16LE(0xffff, cluster * 2);
      const entry = { sector: LAYOUT.root, bytes: Buffer.from(root) };
      const tables = [LAYOUT.fat, LAYOUT.secondFat].map((sector) => ({ sector, bytes: Buffer.from(fat) }));
      return [...data, entry, ...tables];
    },
  };
}
