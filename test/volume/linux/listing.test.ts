import { rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Ran } from '../../../src/computer/run-program.ts';
import { matches } from '../../../src/protocol/match.ts';
import { spacepack } from '../../../src/protocol/spacepack/family.ts';
import type { Computer } from '../../../src/volume/computer.ts';
import { createSystemVolumes, type SystemVolumes } from '../../../src/volume/system-volumes.ts';
import { aComputer, MISSING, programs, ran } from '../a-computer.ts';
import { aKernel, DISK_NOTE, type Kernel, lsblkDisk, PARTITION_NOTE, UDISKS_MOUNT } from './a-kernel.ts';

function lsblk(...devices: object[]): Ran {
  return ran(JSON.stringify({ blockdevices: devices }));
}

async function plugged(
  answer: () => Ran | Promise<Ran>,
  parts: Partial<Computer> = {},
): Promise<{ kernel: Kernel; volumes: SystemVolumes; asked: string[] }> {
  const kernel = await aKernel();
  kernel.attach('sdb', '1-2.3', { devnum: 7, diskseq: 21 });
  const { run, asked } = programs({ lsblk: answer });
  return { kernel, asked, volumes: createSystemVolumes(aComputer({ ...kernel, run, ...parts })) };
}

describe('a SpacePack on Linux', () => {
  test('mounted by the desktop, is told by USB, with its volume and mount', async () => {
    const { kernel, volumes } = await plugged(() => lsblk(lsblkDisk()));
    kernel.mounts(UDISKS_MOUNT);
    expect(await volumes.list()).toEqual([
      {
        id: '/dev/sdb',
        attachment: '1:7:21',
        usb: {
          vendorId: 0x19e7,
          productId: 0x1111,
          bcdDevice: 0x0100,
          serial: 'SP0042',
          port: '1-2.3',
          revision: 'A102',
        },
        vendor: 'mophie',
        product: 'SpacePack',
        mediaName: 'mophie SpacePack',
        sizeBytes: 31_914_983_424,
        writeProtected: false,
        scheme: 'mbr',
        volumes: [
          {
            id: '/dev/sdb1',
            label: 'Untitled 1',
            fileSystem: 'fat32',
            sizeBytes: 31_910_789_120,
            mount: { path: '/media/me/Untitled 1', id: expect.any(String), readOnly: false },
            partitionType: 0x0c,
          },
        ],
      },
    ]);
  });

  test('is taken for one, by what it says itself', async () => {
    const { volumes } = await plugged(() => lsblk(lsblkDisk()));
    expect((await volumes.list()).map((drive) => matches(spacepack, drive))).toEqual([true]);
  });

  test.each([
    ['blanks', '        \n', ''],
    ['what the kernel does not show', null, null],
  ])('whose vendor is %s', async (_, text, vendor) => {
    const { kernel, volumes } = await plugged(() => lsblk(lsblkDisk()));
    const path = join(kernel.sys, 'class', 'block', 'sdb', 'device', 'vendor');
    if (text === null) rmSync(path);
    else writeFileSync(path, text);
    expect(await volumes.list()).toMatchObject([{ vendor, product: 'SpacePack', mediaName: 'SpacePack' }]);
  });

  test.each([
    [
      'udev has found out nothing yet',
      lsblkDisk({ pttype: null }, { fstype: null, fsver: null, label: null, pttype: null, parttype: null }),
      'unknown',
      [null],
    ],
    ['no partition is known yet', lsblkDisk({ pttype: null }, null), 'unknown', []],
    ['FAT16', lsblkDisk({}, { fsver: 'FAT16' }), 'mbr', ['fat16']],
    ['a FAT of unknown width', lsblkDisk({}, { fsver: null }), 'mbr', ['fat']],
    ['exFAT', lsblkDisk({}, { fstype: 'exfat', fsver: '1.0' }), 'mbr', ['exfat']],
    ['a GPT', lsblkDisk({ pttype: 'gpt' }, { pttype: 'gpt' }), 'gpt', ['fat32']],
    [
      'a file system without a partition table',
      lsblkDisk({ pttype: null, fstype: 'vfat', fsver: 'FAT32' }, null),
      'none',
      ['fat32'],
    ],
  ])('with %s', async (_, device, scheme, fileSystems) => {
    const { volumes } = await plugged(() => lsblk(device));
    const [drive] = await volumes.list();
    expect(drive?.scheme).toBe(scheme);
    expect(drive?.volumes.map(({ fileSystem }) => fileSystem)).toEqual(fileSystems);
  });

  test.each([
    ['an MBR', { parttype: '0x7' }, 0x07],
    ['a GPT', { parttype: 'ebd0a0a2-b9e5-4433-87c0-68b6b72699c7' }, undefined],
    ['an lsblk that does not tell', { parttype: null }, undefined],
  ])('tells the type of a partition in %s', async (_, partition, partitionType) => {
    const { volumes } = await plugged(() => lsblk(lsblkDisk({}, partition)));
    const [drive] = await volumes.list();
    expect(drive?.volumes[0]?.partitionType).toBe(partitionType);
  });

  test('without a card is there, with size 0 and no volume', async () => {
    const { volumes } = await plugged(() => lsblk(lsblkDisk({ size: 0, pttype: null }, null)));
    expect(await volumes.list()).toMatchObject([{ sizeBytes: 0, volumes: [] }]);
  });

  test('with the lock switch on is write-protected and its mount read-only', async () => {
    const { kernel, volumes } = await plugged(() => lsblk(lsblkDisk({ ro: true })));
    kernel.mounts('61 28 8:17 / /mnt ro,relatime - vfat /dev/sdb1 ro');
    expect(await volumes.list()).toMatchObject([{ writeProtected: true, volumes: [{ mount: { readOnly: true } }] }]);
  });

  test('is understood from the text that old versions of lsblk print', async () => {
    const { volumes } = await plugged(() => lsblk(lsblkDisk({ rm: '1', hotplug: '1', ro: '0', size: '31914983424' })));
    expect(await volumes.list()).toMatchObject([{ sizeBytes: 31_914_983_424, writeProtected: false }]);
  });

  test('is listed where lsblk does not know the column of versions', async () => {
    const { volumes } = await plugged(() => lsblk(lsblkDisk({}, { fsver: undefined })), {});
    const old = programs({
      lsblk: (args) =>
        args.join().includes('FSVER')
          ? ran('', 1, 'lsblk: unknown column: FSVER')
          : lsblk(lsblkDisk({}, { fsver: undefined })),
    });
    const kernel = await aKernel();
    kernel.attach('sdb', '1-2.3', { devnum: 7, diskseq: 21 });
    const again = createSystemVolumes(aComputer({ ...kernel, run: old.run }));
    expect(await again.list()).toMatchObject([{ volumes: [{ fileSystem: 'fat' }] }]);
    expect(await volumes.list()).toMatchObject([{ volumes: [{ fileSystem: 'fat' }] }]);
  });
});

test('lsblk is asked for the column of names, without which it shows no partition below its disk', async () => {
  const { volumes, asked } = await plugged(() => lsblk(lsblkDisk()));
  await volumes.list();
  expect(asked).toEqual([expect.stringMatching(/--output NAME,/)]);
});

/** Makes every look at the path fail with ELOOP: what EACCES and EMFILE are to people, but to root as well. */
function refuseLooks(path: string): void {
  rmSync(path, { recursive: true, force: true });
  symlinkSync(path, path);
}

describe('a look that fails is "not known", never "no device"', () => {
  const USB = ['devices', 'pci0000:00', '0000:00:14.0', 'usb1', '1-2.3'];
  test.each([
    ['at the disks', (kernel: Kernel) => join(kernel.sys, 'class', 'block')],
    ['at the USB ids', (kernel: Kernel) => join(kernel.sys, ...USB, 'idVendor')],
    ['at the USB serial', (kernel: Kernel) => join(kernel.sys, ...USB, 'serial')],
    ['at the hardware revision', (kernel: Kernel) => join(kernel.sys, ...USB, 'bcdDevice')],
    ['at the names', (kernel: Kernel) => join(kernel.sys, 'class', 'block', 'sdb', 'device', 'model')],
    ["at udev's notes", (kernel: Kernel) => join(kernel.runDirectory, 'udev', 'data')],
    ["at udev's note of the partition", (kernel: Kernel) => join(kernel.runDirectory, 'udev', 'data', 'b8:17')],
    ['at the size', (kernel: Kernel) => join(kernel.sys, 'dev', 'block', '8:16', 'size')],
    ['at the mounts', (kernel: Kernel) => join(kernel.proc, 'self', 'mountinfo')],
  ])('%s', async (_, pathOf) => {
    const { kernel, volumes } = await plugged(() => lsblk(lsblkDisk()));
    kernel.note('8:16', DISK_NOTE);
    kernel.note('8:17', PARTITION_NOTE);
    expect(await volumes.list()).toHaveLength(1);
    kernel.event();
    refuseLooks(pathOf(kernel));
    await expect(volumes.list()).rejects.toMatchObject({ code: 'listing-failed' });
  });
});

describe('what is not told', () => {
  test('internal disks, and disks that hang on no USB', async () => {
    const internal = lsblkDisk({ path: '/dev/vda', 'maj:min': '254:0', tran: null, rm: false, hotplug: false });
    const network = lsblkDisk({ path: '/dev/nbd0', 'maj:min': '43:0', tran: null });
    const { volumes } = await plugged(() => lsblk(internal, network));
    expect(await volumes.list()).toEqual([]);
  });

  test('a drive that left between lsblk and the look at it', async () => {
    const { kernel, volumes } = await plugged(() => lsblk(lsblkDisk()));
    kernel.detach('sdb', '1-2.3');
    expect(await volumes.list()).toEqual([]);
  });

  test.each([
    ['a part of the volume', '61 28 8:17 /PHOTOS /srv/photos rw - vfat /dev/sdb1 rw'],
    ['another device', '61 28 8:33 / /media/me/OTHER rw - vfat /dev/sdc1 rw'],
    ['a mount that a later one covers', `${UDISKS_MOUNT}\n62 28 0:50 / /media/me/Untitled\\0401 rw - tmpfs none rw`],
  ])('%s is not its mount', async (_, lines) => {
    const { kernel, volumes } = await plugged(() => lsblk(lsblkDisk()));
    kernel.mounts(lines);
    expect(await volumes.list()).toMatchObject([{ volumes: [{ mount: null }] }]);
  });
});

describe('the lister', () => {
  test('is drivelist where it can be had', async () => {
    const { volumes } = await plugged(() => lsblk(lsblkDisk()), {
      drivelist: async () => [{ device: '/dev/sdb', external: true }],
    });
    expect(await volumes.list()).toHaveLength(1);
    expect(volumes.describeEnumerator()).toEqual({ used: 'drivelist', reason: null });
  });

  test('is our own where its native part was not built, which nobody notices but the doctor', async () => {
    const { volumes } = await plugged(() => lsblk(lsblkDisk()));
    expect(await volumes.list()).toHaveLength(1);
    expect(volumes.describeEnumerator()).toEqual({ used: 'own', reason: 'Could not locate the bindings file. Tried:' });
  });

  test('knows a removable drive that lsblk does not call one', async () => {
    const { volumes } = await plugged(() => lsblk(lsblkDisk({ tran: null, rm: false, hotplug: false })), {
      drivelist: async () => [{ device: '/dev/sdb', external: true }],
    });
    expect(await volumes.list()).toHaveLength(1);
  });

  test.each<[string, Ran]>([
    ['is missing', MISSING],
    ['fails', ran('', 32, 'lsblk: boom')],
    ['prints no JSON', ran('NAME')],
    ['prints another JSON', ran('[]')],
  ])('lsblk %s: that is "not known", never "everything left"', async (_, answer) => {
    const { volumes } = await plugged(() => answer);
    await expect(volumes.list()).rejects.toMatchObject({ code: 'listing-failed' });
  });

  test('looks again if something came or went meanwhile, and not for ever', async () => {
    const kernel = await aKernel();
    kernel.attach('sdb', '1-2.3', { devnum: 7, diskseq: 21 });
    let restless = 1;
    const { run, asked } = programs({
      lsblk: () => {
        if (restless > 0) kernel.event();
        restless -= 1;
        return lsblk(lsblkDisk());
      },
    });
    const volumes = createSystemVolumes(aComputer({ ...kernel, run }));
    await volumes.list();
    expect(asked).toHaveLength(2);
    restless = 1_000;
    await volumes.list();
    expect(asked).toHaveLength(5);
  });
});

test('an lsblk that fails as a second opinion does not overrule what the kernel and udev say', async () => {
  const { kernel, volumes, asked } = await plugged(() => ran('', 1, 'lsblk: boom'), {
    // drivelist sees a disk that is not on USB, as it does on computers with a removable bay.
    drivelist: async () => [{ device: '/dev/sdz', external: true }],
  });
  kernel.note('8:16', DISK_NOTE);
  kernel.note('8:17', PARTITION_NOTE);
  expect(await volumes.list()).toMatchObject([{ id: '/dev/sdb', volumes: [{ fileSystem: 'fat32' }] }]);
  expect(asked).toHaveLength(1);
});

test('where the kernel shows no disk on USB, no program is started, and the doctor can ask drivelist all the same', async () => {
  const { kernel, volumes, asked } = await plugged(() => lsblk(lsblkDisk()), { drivelist: async () => [] });
  kernel.detach('sdb', '1-2.3');
  expect(await volumes.list()).toEqual([]);
  expect(asked).toEqual([]);
  expect(volumes.describeEnumerator()).toMatchObject({ used: 'own' });
  expect(await volumes.probeEnumerator()).toEqual({ used: 'drivelist', reason: null });
});

test('where there is no udev that would tell, lsblk is asked at each listing', async () => {
  const { volumes, asked } = await plugged(() => lsblk(lsblkDisk()));
  await volumes.list();
  await volumes.list();
  expect(asked).toHaveLength(2);
});

describe('waiting on Linux', () => {
  test.each<[string, (kernel: Kernel) => void]>([
    ['a mount', (kernel) => kernel.mounts(UDISKS_MOUNT)],
    ['an event of the kernel', (kernel) => kernel.event()],
  ])('%s ends it', async (_, change) => {
    const { kernel, volumes } = await plugged(() => lsblk(lsblkDisk()));
    await volumes.list();
    change(kernel);
    await volumes.changed(volumes.changeCount(), 3_600_000);
  });
});
