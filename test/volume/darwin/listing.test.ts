import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { matches } from '../../../src/protocol/match.ts';
import { spacepack } from '../../../src/protocol/spacepack/family.ts';
import { isDictionary, numberOf, parsePropertyList } from '../../../src/volume/darwin/property-list.ts';
import { MISSING, ran } from '../a-computer.ts';
import { aMac, IOREG, IOREG_10_10, IOREG_10_12, IOREG_APFS, IOREG_NO_CARD, NO_SUCH_DISK } from './a-mac.ts';

describe('a SpacePack on macOS', () => {
  test('mounted, is told by the I/O registry and diskutil', async () => {
    const mac = await aMac();
    expect(await mac.volumes.list()).toEqual([
      {
        id: 'disk4',
        attachment: '4294973299',
        usb: {
          vendorId: 0x19e7,
          productId: 0x1111,
          bcdDevice: 0x0100,
          serial: 'SP0042',
          port: '1a120000',
          revision: 'A102',
        },
        vendor: 'mophie',
        product: 'SpacePack',
        mediaName: 'mophie SpacePack Media',
        sizeBytes: 31_914_983_424,
        writeProtected: false,
        scheme: 'mbr',
        volumes: [
          {
            id: 'disk4s1',
            label: 'Untitled 1',
            fileSystem: 'fat32',
            sizeBytes: 31_910_789_120,
            mount: { path: mac.mountPoint, id: expect.any(String), readOnly: false },
          },
        ],
      },
    ]);
  });

  test.each([
    ['26, behind a hub', 'IOUSBHostDevice', IOREG, '1a120000'],
    ['10.12, at a port whose number has a sign', 'IOUSBHostDevice', IOREG_10_12, 'fa200000'],
    ['10.10, by the class that devices had then', 'IOUSBDevice', IOREG_10_10, '1a122000'],
  ])('is one, with serial, port and revision of the device itself, on macOS %s', async (_, usbClass, text, port) => {
    const mac = await aMac();
    mac.ioreg = (args) => (args.includes(usbClass) ? ran(text) : ran(''));
    const drives = await mac.volumes.list();
    expect(drives).toMatchObject([
      { usb: { serial: 'SP0042', port, bcdDevice: 0x0100, revision: 'A102' }, vendor: 'mophie', product: 'SpacePack' },
    ]);
    expect(drives.map((drive) => matches(spacepack, drive))).toEqual([true]);
  });

  test('is told from the characteristics of its block device where the SCSI nub says nothing', async () => {
    const mac = await aMac();
    mac.ioreg = () => ran(IOREG.replace(/<key>(Product|Vendor) Identification<\/key><string>\w+<\/string>/g, ''));
    expect(await mac.volumes.list()).toMatchObject([{ vendor: 'mophie', product: 'SpacePack' }]);
  });

  test('of which no node says a name has none, and is left to INFO.TXT', async () => {
    const mac = await aMac();
    const names = /<key>(Product|Vendor) (Identification|Name)<\/key><string>\w+<\/string>/g;
    mac.ioreg = () => ran(IOREG.replace(names, ''));
    const drives = await mac.volumes.list();
    expect(drives).toMatchObject([{ vendor: null, product: null }]);
    expect(drives.map((drive) => matches(spacepack, drive))).toEqual([true]);
  });

  test('without a serial number has none, not its hub’s', async () => {
    const mac = await aMac();
    mac.ioreg = () =>
      ran(
        IOREG.replace(/<key>(USB Serial Number|kUSBSerialNumberString)<\/key><string>SP0042<\/string>/g, '').replace(
          '<string>USB2.0 Hub</string>',
          '<string>USB2.0 Hub</string><key>USB Serial Number</key><string>HUB1</string>',
        ),
      );
    expect(await mac.volumes.list()).toMatchObject([{ usb: { serial: null } }]);
  });

  test.each([
    ['exFAT', (text: string) => text.replace('msdos', 'exfat').replace('MS-DOS FAT32', 'ExFAT'), 'exfat'],
    ['FAT16', (text: string) => text.replace('MS-DOS FAT32', 'MS-DOS FAT16'), 'fat16'],
    ['a FAT of unknown width', (text: string) => text.replace('MS-DOS FAT32', 'MS-DOS'), 'fat'],
    ['nothing recognised yet', (text: string) => text.replace('>msdos<', '><'), null],
  ])('with %s', async (_, change, fileSystem) => {
    const mac = await aMac();
    mac.info = (text) => ran(change(text));
    expect(await mac.volumes.list()).toMatchObject([{ scheme: 'mbr', volumes: [{ fileSystem }] }]);
  });

  test('with a GPT', async () => {
    const mac = await aMac();
    mac.ioreg = () => ran(IOREG.replace('FDisk_partition_scheme', 'GUID_partition_scheme'));
    expect(await mac.volumes.list()).toMatchObject([{ scheme: 'gpt' }]);
  });

  test('with a file system and no partition table', async () => {
    const mac = await aMac();
    mac.ioreg = () => ran(IOREG.replace('FDisk_partition_scheme', '').replace('disk4s1', ''));
    mac.info = (text) => ran(text.replace('>disk4s1<', '>disk4<'));
    expect(await mac.volumes.list()).toMatchObject([
      { scheme: 'none', volumes: [{ id: 'disk4', fileSystem: 'fat32' }] },
    ]);
  });

  test('with the lock switch on, mounted read-only', async () => {
    const mac = await aMac();
    mac.ioreg = () => ran(IOREG.replaceAll('<key>Writable</key><true/>', '<key>Writable</key><false/>'));
    mac.info = (text) => ran(text.replace('<key>WritableVolume</key><true/>', '<key>WritableVolume</key><false/>'));
    expect(await mac.volumes.list()).toMatchObject([
      { writeProtected: true, volumes: [{ mount: { readOnly: true } }] },
    ]);
  });

  test('without a card is there, under the name of its USB device, and the same attachment as with one', async () => {
    const mac = await aMac();
    const [before] = await mac.volumes.list();
    mac.ioreg = () => ran(IOREG_NO_CARD);
    mac.info = () => NO_SUCH_DISK;
    const drives = await mac.volumes.list();
    expect(drives).toMatchObject([
      {
        id: 'space pack@1a120000',
        attachment: before?.attachment,
        usb: before?.usb,
        vendor: 'mophie',
        product: 'SpacePack',
        sizeBytes: 0,
        scheme: 'unknown',
        volumes: [],
      },
    ]);
    expect(drives.map((drive) => matches(spacepack, drive))).toEqual([true]);
  });

  test('with an APFS container on the card is one drive, with the volumes of both', async () => {
    const mac = await aMac();
    mac.ioreg = () => ran(IOREG_APFS);
    mac.info = (text, name = '') => ran(text.replaceAll('disk4s1', name));
    const drives = await mac.volumes.list();
    expect(drives.map(({ id }) => id)).toEqual(['disk4']);
    expect(drives[0]?.volumes.map(({ id }) => id)).toEqual(['disk4s1', 'disk5s1']);
  });

  test.each([
    ['a blank', ' '],
    // A label may hold any character of its code page.
    ['a no-break space', '\u00a0'],
  ])('whose mount point ends in %s', async (_, end) => {
    const mac = await aMac();
    mac.mountedAt = `${mac.mountPoint}${end}`;
    expect(await mac.volumes.list()).toMatchObject([{ volumes: [{ mount: { path: `${mac.mountPoint}${end}` } }] }]);
  });

  test('present but not mounted', async () => {
    const mac = await aMac();
    mac.mountedAt = null;
    expect(await mac.volumes.list()).toMatchObject([{ volumes: [{ fileSystem: 'fat32', mount: null }] }]);
  });

  test('that left between the two looks', async () => {
    const mac = await aMac();
    mac.info = () => NO_SUCH_DISK;
    expect(await mac.volumes.list()).toMatchObject([{ volumes: [{ fileSystem: null, mount: null }] }]);
  });

  test('that left between the two looks, on a Mac that says so in another language', async () => {
    const mac = await aMac();
    mac.info = () => ran('', 1, 'Laufwerk nicht gefunden: disk4s1');
    rmSync(join(mac.dev, 'disk4s1'));
    expect(await mac.volumes.list()).toMatchObject([{ volumes: [{ fileSystem: null, mount: null }] }]);
  });

  test('attached anew is another attachment', async () => {
    const mac = await aMac();
    mac.ioreg = () => ran(IOREG.replace('4294973299', '4294974001'));
    expect(await mac.volumes.list()).toMatchObject([{ attachment: '4294974001' }]);
  });
});

describe('the lister', () => {
  test('no USB device at all is an empty list', async () => {
    const mac = await aMac();
    mac.ioreg = () => ran('');
    expect(await mac.volumes.list()).toEqual([]);
  });

  test.each([
    ['is missing', MISSING],
    ['fails', ran('', 1, 'ioreg: error')],
    ['is given up', { status: null, stdout: IOREG, stderr: '', failure: 'too-slow' as const }],
    ['is cut off', ran(IOREG.slice(0, -30))],
    ['prints another list', ran('<?xml version="1.0"?><plist version="1.0"><array><string>x</string></array></plist>')],
    ['prints no list', ran('<?xml version="1.0"?><plist version="1.0"><dict/></plist>')],
  ])('ioreg %s: that is "not known", never "everything left"', async (_, answer) => {
    const mac = await aMac();
    mac.ioreg = () => answer;
    await expect(mac.volumes.list()).rejects.toMatchObject({ code: 'listing-failed' });
  });

  test.each([
    ['is missing', MISSING],
    ['is given up', { status: null, stdout: '', stderr: '', failure: 'too-slow' as const }],
    ['fails', ran('', 1, 'Unable to run because unable to use the DiskManagement framework.')],
    ['prints no property list', ran('disk4s1')],
  ])('diskutil %s: that is "not known", never "not mounted"', async (_, answer) => {
    const mac = await aMac();
    mac.info = () => answer;
    await expect(mac.volumes.list()).rejects.toMatchObject({ code: 'listing-failed' });
  });

  test('drivelist is asked once, for it leaks; a disk that only it saw makes us look again', async () => {
    let asked = 0;
    const mac = await aMac({
      drivelist: async () => {
        asked += 1;
        return [{ device: '/dev/disk4', external: true }];
      },
    });
    mac.ioreg = (args) =>
      ran(
        args.length > 0 && asked > 0 && mac.asked.filter((line) => line.startsWith('ioreg')).length > 1
          ? IOREG
          : IOREG.replace('disk4<', 'disk9<'),
      );
    expect(await mac.volumes.list()).toMatchObject([{ id: 'disk4' }]);
    await mac.volumes.list();
    expect(asked).toBe(1);
    expect(mac.volumes.describeEnumerator()).toEqual({ used: 'drivelist', reason: null });
  });
});

describe('property lists', () => {
  // Found by the fuzzer: the parser makes NaN of an integer that is none.
  test.each(['x', 'nan', '-', '99999999999999999999'])('the integer %s is not known', async (text) => {
    const list = `<?xml version="1.0"?><plist><dict><key>Size</key><integer>${text}</integer></dict></plist>`;
    const value = await parsePropertyList(list);
    expect(numberOf(isDictionary(value) ? value : {}, 'Size')).toBeNull();
  });

  test('a name that is not in UTF-8 is no reason to write to the console', async () => {
    const [warned, logged] = [vi.spyOn(console, 'warn'), vi.spyOn(console, 'error')];
    const list = '<?xml version="1.0"?><plist><dict><key>Name</key><string>\ufffd</string></dict></plist>';
    expect(await parsePropertyList(list)).toEqual({ Name: '?' });
    expect([...warned.mock.calls, ...logged.mock.calls]).toEqual([]);
  });

  test.each(['', 'Could not find disk: disk9', '<?xml version="1.0"?><plist><dict>'])(
    '%j is none, and nothing is thrown',
    async (text) => {
      expect(await parsePropertyList(text)).toBeNull();
    },
  );
});
