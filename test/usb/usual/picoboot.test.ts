import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { type Bench, openBench } from '../bench.ts';
import { createDisk, type Disk } from '../disk.ts';
import { type Rp2Firmware, rp2Firmware } from '../families/rp2-board.ts';

/** What the packed product does in the guest: opens the board's flash memory, and says what it reads. */
const LOOK = `
const { createEnvironment } = await import('/opt/product/node_modules/spacepack/dist/src/volume/environment.js');
const { createHash } = await import('node:crypto');
const { volumes, flash } = createEnvironment();
const drive = (await volumes.list()).find(({ usb }) => usb?.vendorId === 0x2e8a);
const opened = await flash.open(drive, 0xe48bff56);
if (opened.kind === 'none') console.log(JSON.stringify(opened));
else {
  const bytes = await opened.flash.read(0x10000000, 100_000);
  if (process.argv[2] === 'restart') await opened.flash.reboot();
  await opened.flash.close();
  console.log(JSON.stringify({ sha256: createHash('sha256').update(bytes).digest('hex') }));
}
process.exit(0);
`;

let bench: Bench;
let disk: Disk<Rp2Firmware>;
let board: Rp2Firmware;
beforeAll(async () => {
  bench = await openBench(inject('productFolder'));
  writeFileSync(join(bench.guest.emulator.shared, 'look.mjs'), LOOK);
  disk = await createDisk(bench.guest, rp2Firmware);
  disk.plug();
  board = disk.firmware;
  for (let index = 0; index < board.rom.flash.length; index += 1) board.rom.flash[index] = (index * 31) & 0xff;
  await bench.guest.ask('until [ -b /dev/sda1 ]; do sleep 0.1; done; mkdir -p /mnt/board; mount /dev/sda1 /mnt/board');
});
afterAll(async () => {
  await disk.dispose();
  await bench.close();
});

const seen = async (args = '', user: 'root' | 'user' = 'root'): Promise<Readonly<Record<string, unknown>>> =>
  JSON.parse(await bench.guest.ask(`node /host/look.mjs ${args}`, { user }));
const digest = () => createHash('sha256').update(board.rom.flash.subarray(0, 100_000)).digest('hex');

describe('PICOBOOT with the real library, under a real kernel', () => {
  test('a user without rights is told the rule that gives them', async () => {
    expect(await seen('', 'user')).toMatchObject({ kind: 'none', remedy: expect.stringContaining('uaccess') });
    expect(board.picoboot.heard).toEqual([]);
  });

  test('flash memory is read while usb-storage keeps the drive, mounted', async () => {
    expect(await seen()).toEqual({ sha256: digest() });
    await bench.guest.ask('echo hello >/mnt/board/hello.txt && sync');
    const driver = await bench.guest.ask('basename $(readlink /sys/bus/usb/devices/*:1.0/driver | grep storage)');
    expect(driver).toBe('usb-storage');
    expect(await bench.guest.ask('grep -c /mnt/board /proc/mounts')).toBe('1');
    expect(await bench.kernelComplaints()).toEqual([]);
  });

  test('a second look finds it as usable as the first', async () => {
    expect(await seen()).toEqual({ sha256: digest() });
  });

  test('what another program left half-done is got over', async () => {
    board.picoboot.out(new Uint8Array(5));
    expect(await seen()).toEqual({ sha256: digest() });
  });

  // The last one: the board does not come back.
  test('the board leaves when it is told to restart', async () => {
    await bench.guest.ask('umount /mnt/board');
    expect(await seen('restart')).toEqual({ sha256: digest() });
    await bench.untilGone();
    expect(board.picoboot.heard.at(-1)).toBe(0x02);
  });
});
