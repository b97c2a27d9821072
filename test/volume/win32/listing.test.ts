import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Drive } from '../../../src/protocol/sight.ts';
import { parseWindowsDisks } from '../../../src/volume/win32/listing.ts';
import { quoted } from '../../../src/volume/win32/powershell.ts';

const DISKS = readFileSync(new URL('fixtures/disks.json', import.meta.url), 'utf8');

describe('a SpacePack on Windows', () => {
  test('is told by CIM and the device tree', () => {
    expect(parseWindowsDisks(DISKS)).toEqual([
      {
        id: '\\\\.\\PHYSICALDRIVE1',
        attachment: 'USB\\VID_19E7&PID_1111\\SP0042@134001234567890123',
        usb: {
          vendorId: 0x19e7,
          productId: 0x1111,
          bcdDevice: 0x0100,
          serial: 'SP0042',
          port: 'Port_#0003.Hub_#0001',
          revision: 'A102',
        },
        mediaName: 'mophie SpacePack Media',
        sizeBytes: 31_914_983_424,
        readOnly: false,
        scheme: 'mbr',
        volumes: [{ id: 'E:', letter: 'E', label: 'Untitled 1', fileSystem: 'fat32', sizeBytes: 31_910_789_120 }],
      },
    ]);
  });

  test.each<[string, (text: string) => string, Drive['scheme'], string | null | undefined]>([
    ['exFAT', (text) => text.replace('FAT32', 'exFAT'), 'mbr', 'exfat'],
    ['FAT12 or FAT16, which Windows both calls FAT', (text) => text.replace('FAT32', 'FAT'), 'mbr', 'fat'],
    ['nothing recognised', (text) => text.replace('FAT32', 'RAW'), 'mbr', null],
    ['a GPT', (text) => text.replace('"style":1', '"style":2'), 'gpt', 'fat32'],
    ['no partition table', (text) => text.replace('"offset":4194304', '"offset":0'), 'none', 'fat32'],
    [
      'no partition known yet',
      (text) => text.replace(/"style":1/, '"style":0').replace(/"partitions":.*/, '"partitions":[]}]}'),
      'unknown',
      undefined,
    ],
  ])('with %s', (_, change, scheme, fileSystem) => {
    const [disk] = parseWindowsDisks(change(DISKS));
    expect(disk?.scheme).toBe(scheme);
    expect(disk?.volumes[0]?.fileSystem).toBe(fileSystem);
  });

  test('whose volume has no letter goes by the name of the volume', () => {
    const [disk] = parseWindowsDisks(DISKS.replace('"letter":"E"', '"letter":"\\u0000"'));
    expect(disk?.volumes[0]).toMatchObject({
      letter: null,
      id: '\\\\?\\Volume{0f5e1c3a-0000-0000-0000-100000000000}\\',
    });
  });

  test('without a serial number has a name that Windows made up', () => {
    const [disk] = parseWindowsDisks(DISKS.replace('\\\\SP0042', '\\\\6&2C24CE2E&0&3'));
    expect(disk?.usb.serial).toBeNull();
  });

  test('without a card has no volume', () => {
    const [disk] = parseWindowsDisks(DISKS.replace('"size":31914983424', '"size":null'));
    expect(disk).toMatchObject({ sizeBytes: 0, volumes: [] });
  });

  test('is no disk behind another bus', () => {
    expect(parseWindowsDisks(DISKS.replace('USB\\\\VID', 'SCSI\\\\VID'))).toEqual([]);
  });

  test.each(['', 'Get-CimInstance: Access denied', '[]', '{"disks":7}'])(
    '%j is "not known", never "everything left"',
    (text) => {
      expect(() => parseWindowsDisks(text)).toThrow(expect.objectContaining({ code: 'listing-failed' }));
    },
  );
});

test('a path cannot leave its literal', () => {
  expect(quoted("E:\\it's\u2019x")).toBe("'E:\\it''s\u2019\u2019x'");
});
