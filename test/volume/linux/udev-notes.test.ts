import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Computer } from '../../../src/volume/computer.ts';
import { createSystemVolumes, type SystemVolumes } from '../../../src/volume/system-volumes.ts';
import { aComputer, programs, ran } from '../a-computer.ts';
import { aKernel, DISK_NOTE, type Kernel, lsblkDisk, PARTITION_NOTE, UDISKS_MOUNT } from './a-kernel.ts';

/** A SpacePack plugged in where udev runs; drivelist is not there, lsblk is. */
async function plugged(
  parts: Partial<Computer> = {},
): Promise<{ kernel: Kernel; volumes: SystemVolumes; asked: string[] }> {
  const kernel = await aKernel();
  kernel.attach('sdb', '1-2.3', { devnum: 7, diskseq: 21 });
  kernel.note('8:16', DISK_NOTE);
  kernel.note('8:17', PARTITION_NOTE);
  const { run, asked } = programs({ lsblk: () => ran(JSON.stringify({ blockdevices: [lsblkDisk()] })) });
  return { kernel, asked, volumes: createSystemVolumes(aComputer({ ...kernel, run, ...parts })) };
}

/** Where the test's kernel keeps the folder of the disk. */
const diskFolder = (kernel: Kernel): string => join(kernel.sys, 'class', 'block', 'sdb');

describe('a SpacePack where udev runs', () => {
  test('is told from its notes as lsblk would tell it, and no program is started', async () => {
    const { kernel, volumes, asked } = await plugged();
    kernel.mounts(UDISKS_MOUNT);
    const noted = await volumes.list();
    expect(asked).toEqual([]);

    const { kernel: other, volumes: byLsblk } = await plugged({ runDirectory: '/nowhere' });
    other.mounts(UDISKS_MOUNT);
    expect(noted).toHaveLength(1);
    expect(noted).toEqual(await byLsblk.list());
  });

  test.each<[string, object, object, string, string | null]>([
    ['FAT16', DISK_NOTE, { ...PARTITION_NOTE, ID_FS_VERSION: 'FAT16' }, 'mbr', 'fat16'],
    ['exFAT', DISK_NOTE, { ID_FS_TYPE: 'exfat' }, 'mbr', 'exfat'],
    ['a GPT', { ID_PART_TABLE_TYPE: 'gpt' }, PARTITION_NOTE, 'gpt', 'fat32'],
    ['notes that udev has not written yet', {}, {}, 'unknown', null],
  ])('with %s', async (_, disk, partition, scheme, fileSystem) => {
    const { kernel, volumes } = await plugged();
    kernel.note('8:16', { ...disk });
    kernel.note('8:17', { ...partition });
    expect(await volumes.list()).toMatchObject([{ scheme, volumes: [{ fileSystem }] }]);
  });

  test('with the lock switch on', async () => {
    const { kernel, volumes } = await plugged();
    writeFileSync(join(diskFolder(kernel), 'ro'), '1\n');
    expect(await volumes.list()).toMatchObject([{ writeProtected: true }]);
  });

  test('with a label in another script', async () => {
    const { kernel, volumes } = await plugged();
    kernel.note('8:17', { ...PARTITION_NOTE, ID_FS_LABEL_ENC: 'Фото\\x20\\xc3\\xa9\\x5c' });
    expect(await volumes.list()).toMatchObject([{ volumes: [{ label: 'Фото é\\' }] }]);
  });

  test('beside an internal disk, is the only one', async () => {
    const { kernel, volumes } = await plugged();
    kernel.attach('sdc', '1-4', { devnum: 9, diskseq: 22 });
    expect((await volumes.list()).map(({ id }) => id)).toEqual(['/dev/sdb', '/dev/sdc']);
    kernel.detach('sdc', '1-4');
    expect((await volumes.list()).map(({ id }) => id)).toEqual(['/dev/sdb']);
  });
});

describe('the notes are read again', () => {
  async function relisted(change: (kernel: Kernel) => void, msAgo?: number): Promise<string | null | undefined> {
    const { kernel, volumes } = await plugged();
    kernel.note('8:17', {}, msAgo);
    await volumes.list();
    writeFileSync(join(kernel.runDirectory, 'udev', 'data', 'b8:17'), 'E:ID_FS_TYPE=exfat\n');
    change(kernel);
    return (await volumes.list())[0]?.volumes[0]?.fileSystem;
  }

  test('after an event of the kernel', async () => {
    expect(await relisted((kernel) => kernel.event())).toBe('exfat');
  });

  test('after udev wrote one', async () => {
    expect(await relisted((kernel) => kernel.note('8:16', DISK_NOTE, 5_000))).toBe('exfat');
  });

  test('while udev is at work', async () => {
    expect(await relisted(() => undefined, 0)).toBe('exfat');
  });

  test('not for a mount, which is found nonetheless', async () => {
    const { kernel, volumes } = await plugged();
    expect(await volumes.list()).toMatchObject([{ volumes: [{ mount: null }] }]);
    kernel.mounts(UDISKS_MOUNT);
    expect(await volumes.list()).toMatchObject([{ volumes: [{ mount: { path: '/media/me/Untitled 1' } }] }]);
  });

  test('not for a drive that has left, which is seen nonetheless', async () => {
    const { kernel, volumes } = await plugged();
    await volumes.list();
    kernel.detach('sdb', '1-2.3');
    expect(await volumes.list()).toEqual([]);
  });
});

describe('drivelist', () => {
  test('is asked once, and lsblk decides on a disk that only it names', async () => {
    let asked = 0;
    const { volumes, asked: ranPrograms } = await plugged({
      drivelist: async () => {
        asked += 1;
        return [
          { device: '/dev/sdb', external: true },
          { device: '/dev/sdz', external: true },
        ];
      },
    });
    expect(await volumes.list()).toHaveLength(1);
    expect(ranPrograms).toHaveLength(1);
    expect(await volumes.list()).toHaveLength(1);
    expect(asked).toBe(1);
  });
});
