import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SpacepackError } from '../../../src/protocol/errors.ts';
import { listRegistryDisks } from '../../../src/volume/darwin/registry.ts';
import type { BlockDevice } from '../../../src/volume/linux/block-device.ts';
import { parseLsblk } from '../../../src/volume/linux/lsblk.ts';
import { parseMountinfo } from '../../../src/volume/linux/mountinfo.ts';
import { parseNote, unescapeNote } from '../../../src/volume/linux/udev-notes.ts';
import { parseWindowsDisks } from '../../../src/volume/win32/listing.ts';
import { bytesOf, promise, requireCount, type Target, textOf } from '../target.ts';
import { JSON_WORDS, reshapedJson } from './json.ts';

const fixture = (system: string, name: string): Uint8Array =>
  readFileSync(join('test', 'volume', system, 'fixtures', name));

/** What a lister may throw. */
function orFailedListing<T>(list: () => T): T | null {
  try {
    return list();
  } catch (thrown) {
    if (thrown instanceof SpacepackError && thrown.code === 'listing-failed') return null;
    throw thrown;
  }
}

const MOUNTS = [
  '36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue',
  '61 28 8:17 / /media/me/Untitled\\0401 ro,nosuid shared:33 - vfat /dev/sdb1 ro,uid=1000',
].join('\n');

const mountinfo: Target = {
  name: 'mountinfo',
  words: [' ', '\n', ' - ', 'rw', 'ro', ',ro', ':', '\\040', '\\134', '\\777', 'shared:1 ', '8:17', '/', '-'],
  seeds: () => [bytesOf(MOUNTS)],
  run(bytes) {
    const text = textOf(bytes);
    const lines = parseMountinfo(text);
    promise(lines.length <= text.split('\n').length, () => `${lines.length} mounts`);
    for (const line of lines) {
      promise(/^\d+:\d+$/.test(line.device) && line.mountId >= 0, () => JSON.stringify(line));
      promise(![line.path, line.root, line.fileSystem].includes(''), () => `an empty part: ${JSON.stringify(line)}`);
    }
    return `${Math.min(lines.length, 3)} lines, ${lines.some(({ readOnly }) => readOnly)}`;
  },
};

const LSBLK = {
  blockdevices: [
    {
      ...{
        name: 'sdb',
        path: '/dev/sdb',
        'maj:min': ' 8:16',
        type: 'disk',
        tran: 'usb',
        rm: true,
        hotplug: '1',
        ro: 0,
      },
      ...{ size: 64_000_000, fstype: null, fsver: null, label: null, pttype: 'dos', parttype: null },
      children: [
        {
          ...{ name: 'sdb1', path: '/dev/sdb1', 'maj:min': '8:17', type: 'part', tran: null, rm: true, ro: false },
          ...{ size: '63000000', fstype: 'vfat', fsver: 'FAT32', label: 'Untitled 1', pttype: 'dos', parttype: '0xc' },
        },
      ],
    },
  ],
};

function requireDevice(device: BlockDevice): void {
  promise(device.path !== '' && device.device !== '', () => JSON.stringify(device));
  requireCount(device.sizeBytes, 'sizeBytes');
  promise(device.partitionType === null || device.partitionType <= 0xff, () => `type ${device.partitionType}`);
  device.children.forEach(requireDevice);
}

const lsblk: Target = {
  name: 'lsblk',
  words: [
    ...JSON_WORDS,
    ...Object.keys(LSBLK.blockdevices[0] ?? {}),
    'blockdevices',
    '0x',
    '0xff',
    'gpt',
    'FAT12',
    'msdos',
  ],
  seeds: () => [bytesOf(JSON.stringify(LSBLK))],
  reshaped: reshapedJson,
  run(bytes) {
    const devices = orFailedListing(() => parseLsblk(textOf(bytes)));
    devices?.forEach(requireDevice);
    const children = devices?.flatMap((device) => device.children);
    return `${devices === null ? 'failed' : Math.min(devices.length, 2)}, ${Math.min(children?.length ?? 0, 2)}`;
  },
};

const windowsDisks: Target = {
  name: 'windows-disks',
  words: [
    ...JSON_WORDS,
    ...['disks', 'id', 'model', 'revision', 'size', 'style', 'readOnly', 'usb', 'hardwareIds', 'location', 'arrival'],
    ...[
      'partitions',
      'letter',
      'offset',
      'path',
      'fileSystem',
      'label',
      'RAW',
      '&',
      '\\\\',
      '\ufeff',
      '&REV_0100',
      '1',
      '2',
    ],
  ],
  seeds: () => [fixture('win32', 'disks.json')],
  reshaped: reshapedJson,
  run(bytes) {
    const disks = orFailedListing(() => parseWindowsDisks(textOf(bytes)))?.disks ?? null;
    for (const { usb, sizeBytes, volumes } of disks ?? []) {
      requireCount(sizeBytes, 'sizeBytes');
      for (const volume of volumes) requireCount(volume.sizeBytes, 'sizeBytes of a volume');
      promise(usb.serial !== '' && !usb.serial?.includes('&'), () => `serial: ${usb.serial}`);
      promise(usb.vendorId <= 0xffff && usb.productId <= 0xffff, () => JSON.stringify(usb));
    }
    const volumes = disks?.flatMap((disk) => disk.volumes);
    return `${disks === null ? 'failed' : Math.min(disks.length, 2)}, ${Math.min(volumes?.length ?? 0, 2)}`;
  },
};

/** What a lister answers; `null`: that it failed. The XML parser tells the console of each thing that it does not like. */
async function quietly<T>(work: () => Promise<T>): Promise<T | null> {
  const { error, warn } = console;
  const silent = (): void => undefined;
  Object.assign(console, { error: silent, warn: silent });
  try {
    return await work();
  } catch (thrown) {
    if (thrown instanceof SpacepackError && thrown.code === 'listing-failed') return null;
    throw thrown;
  } finally {
    Object.assign(console, { error, warn });
  }
}

const registry: Target = {
  name: 'registry',
  words: [
    ...[
      '<dict>',
      '</dict>',
      '<array>',
      '</array>',
      '<key>',
      '</key>',
      '<integer>',
      '</integer>',
      '<string>',
      '</string>',
    ],
    ...[
      '<true/>',
      '<false/>',
      '<data>',
      '</data>',
      '<dict/>',
      '<array/>',
      '<real>',
      '<date>',
      '&amp;',
      '&#0;',
      '<!--',
      '-->',
    ],
    ...['<!ENTITY a "b">', '<![CDATA[', ']]>', 'BSD Name', 'Whole', 'idVendor', 'idProduct', 'locationID', 'sessionID'],
    ...[
      'IORegistryEntryChildren',
      'IORegistryEntryID',
      'Size',
      'Content',
      'Device Characteristics',
      '-1',
      '0x10',
      'nan',
    ],
  ],
  seeds: () => ['ioreg.plist', 'ioreg-10.10.plist', 'ioreg-10.12.plist'].map((name) => fixture('darwin', name)),
  mostBytes: 16 * 1024,
  cost: 20,
  async run(bytes) {
    const printed = { status: 0, stdout: textOf(bytes), stderr: '', failure: null };
    const disks = await quietly(() => listRegistryDisks(async () => printed));
    if (disks === null) return 'failed';
    for (const { name, usb, sizeBytes, partitions } of disks) {
      promise(name.trim() !== '', () => 'a disk without a name');
      requireCount(sizeBytes, 'Size');
      for (const partition of partitions) requireCount(partition.sizeBytes, 'Size of a partition');
      promise(Number.isInteger(usb.vendorId) && Number.isInteger(usb.productId), () => JSON.stringify(usb));
    }
    return `${Math.min(disks.length, 2)} disks`;
  },
};

const udevNote: Target = {
  name: 'udev-note',
  words: ['E:', '\n', '=', 'ID_FS_LABEL_ENC', 'ID_FS_TYPE', '\\x20', '\\xc3\\xa9', '\\xff', '\\x', 'S:', 'I:1', '\0'],
  seeds: () => [
    bytesOf('S:disk/by-label/Untitled\nE:ID_FS_LABEL_ENC=Untitled\\x201\nE:ID_FS_TYPE=vfat\nE:ID_FS_VERSION=FAT32\n'),
  ],
  run(bytes) {
    // As kernelText reads it: one character a byte.
    const note = parseNote(Buffer.from(bytes).toString('latin1'));
    for (const [key, value] of note) {
      promise(key !== '' && !/[=\n]/.test(key) && !value.includes('\n'), () => JSON.stringify([key, value]));
      promise(unescapeNote(value).length <= value.length, () => `a label that grows: ${value}`);
    }
    return `${Math.min(note.size, 4)}, ${note.has('ID_FS_LABEL_ENC')}`;
  },
};

/** What the programs and the kernel of each system print of its disks. */
export const SYSTEMS: readonly Target[] = [mountinfo, lsblk, udevNote, windowsDisks, registry];
