import { describe, expect, test } from 'vitest';
import { controlVolume, matches } from '../../src/protocol/match.ts';
import { spacepack } from '../../src/protocol/profiles/spacepack.ts';
import type { Drive, UsbIdentity, Volume } from '../../src/protocol/sight.ts';

const usb: UsbIdentity = {
  vendorId: 0x19e7,
  productId: 0x1111,
  bcdDevice: 0x0100,
  serial: 'SP1',
  port: '1-2',
  revision: 'A100',
};

function volume(id: string, fileSystem: string | null): Volume {
  return { id, label: 'Untitled 1', fileSystem, sizeBytes: 1e9, mount: null };
}

function drive(changes: Partial<Drive> = {}): Drive {
  return {
    id: '/dev/sdb',
    attachment: '7',
    usb,
    mediaName: 'mophie SpacePack Media',
    sizeBytes: 1e9,
    writeProtected: false,
    scheme: 'mbr',
    volumes: [volume('/dev/sdb1', 'fat32')],
    ...changes,
  };
}

describe('which drives may be a SpacePack (protocol §1.3)', () => {
  test.each<[string, Partial<Drive>, boolean]>([
    ['ids and media name fit', {}, true],
    ['padded and differently spelled media name', { mediaName: 'MOPHIE   spacepack media ' }, true],
    ['another vendor', { usb: { ...usb, vendorId: 0x0781 } }, false],
    ['another product', { usb: { ...usb, productId: 0x1112 } }, false],
    ['another medium behind the same ids', { mediaName: 'mophie Card Reader' }, false],
    [
      'a label that pretends',
      { usb: { ...usb, vendorId: 1 }, volumes: [{ ...volume('/dev/sdb1', 'fat32'), label: 'SPACEPACK' }] },
      false,
    ],
    ['a folder, of which no ids can be known', { usb: null, mediaName: '' }, true],
  ])('%s', (_, changes, expected) => {
    expect(matches(spacepack, drive(changes))).toBe(expected);
  });
});

describe('the control volume (protocol §1.1, §1.2)', () => {
  test.each<[string, Partial<Drive>, string | null]>([
    ['the only FAT volume', {}, '/dev/sdb1'],
    [
      'the first FAT volume after another one',
      { volumes: [volume('/dev/sdb1', 'ext4'), volume('/dev/sdb2', 'fat16'), volume('/dev/sdb3', 'fat32')] },
      '/dev/sdb2',
    ],
    ['a partition of a FAT type', { volumes: [{ ...volume('/dev/sdb1', 'fat32'), partitionType: 0x0c }] }, '/dev/sdb1'],
    ['the system has not looked yet', { scheme: 'unknown', volumes: [] }, null],
    ['the file system is not recognised yet', { volumes: [volume('/dev/sdb1', null)] }, null],
  ])('%s', (_, changes, expected) => {
    expect(controlVolume(drive(changes))?.id ?? null).toBe(expected);
  });

  test.each<[string, Partial<Drive>, string]>([
    ['no card', { sizeBytes: 0, scheme: 'unknown', volumes: [] }, 'card-missing'],
    ['a GPT', { scheme: 'gpt' }, 'card-gpt'],
    ['no partition table', { scheme: 'none' }, 'card-no-partition-table'],
    ['exFAT', { volumes: [volume('/dev/sdb1', 'exfat')] }, 'card-file-system'],
    ['no partition', { volumes: [] }, 'card-file-system'],
    [
      'FAT in a partition of another type',
      { volumes: [{ ...volume('/dev/sdb1', 'fat32'), partitionType: 0x07 }] },
      'card-file-system',
    ],
  ])('refused by name: %s', (_, changes, code) => {
    expect(() => controlVolume(drive(changes))).toThrow(expect.objectContaining({ code }));
  });
});
