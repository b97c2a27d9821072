import { describe, expect, test } from 'vitest';
import { hasIds, matches } from '../../../src/protocol/match.ts';
import type { Drive, UsbIdentity, Volume } from '../../../src/protocol/sight.ts';
import { controlVolume } from '../../../src/protocol/spacepack/card.ts';
import { spacepack } from '../../../src/protocol/spacepack/family.ts';

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
    vendor: 'mophie',
    product: 'SpacePack',
    mediaName: 'mophie SpacePack',
    sizeBytes: 1e9,
    writeProtected: false,
    scheme: 'mbr',
    volumes: [volume('/dev/sdb1', 'fat32')],
    ...changes,
  };
}

describe('which drives may be a SpacePack (protocol §1.3)', () => {
  test.each<[string, Partial<Drive>, boolean]>([
    ['ids and names fit, as Linux shows them', {}, true],
    ['the same, under the name that macOS makes', { mediaName: 'mophie SpacePack Media' }, true],
    ['the same in capitals and padded, as Windows may show them', { vendor: 'MOPHIE  ', product: ' SPACEPACK ' }, true],
    ['the system tells no vendor', { vendor: null }, true],
    ['the system tells no product', { product: null }, true],
    ['the system tells no name at all', { vendor: null, product: null, mediaName: '' }, true],
    ['another vendor behind the same ids', { vendor: 'Generic' }, false],
    ['another product behind the same ids', { product: 'Card Reader' }, false],
    ['another product, of which the system tells no vendor', { vendor: null, product: 'Card Reader' }, false],
    ['a product that only begins like ours', { product: 'SpacePack 2' }, false],
    ['blanks for a name', { product: '' }, false],
    ['a name for people that pretends', { product: 'Card Reader', mediaName: 'mophie SpacePack Media' }, false],
    ['another vendor id', { usb: { ...usb, vendorId: 0x0781 } }, false],
    ['another product id', { usb: { ...usb, productId: 0x1112 } }, false],
    [
      'a label that pretends',
      { usb: { ...usb, vendorId: 1 }, volumes: [{ ...volume('/dev/sdb1', 'fat32'), label: 'SPACEPACK' }] },
      false,
    ],
    ['a folder, of which no ids can be known', { usb: null, vendor: null, product: null, mediaName: '' }, true],
  ])('%s', (_, changes, expected) => {
    expect(matches(spacepack, drive(changes))).toBe(expected);
  });

  test.each<[string, Partial<Drive>, boolean]>([
    ['ours', {}, true],
    ['one that calls itself otherwise', { product: 'Card Reader' }, true],
    ['another vendor id', { usb: { ...usb, vendorId: 0x0781 } }, false],
    ['a folder', { usb: null }, false],
  ])('has its ids: %s', (_, changes, expected) => {
    expect(hasIds(spacepack, drive(changes))).toBe(expected);
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
