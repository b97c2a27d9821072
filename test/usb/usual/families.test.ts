import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import type { Uf2BoardOptions } from '../../fake-volume/families/uf2/board.ts';
import { type Bench, openBench, type Told } from '../bench.ts';
import { createDisk, type Disk, type DiskFirmware, type DiskGround } from '../disk.ts';
import { probeFirmware } from '../families/probe.ts';
import { rp2Firmware } from '../families/rp2-board.ts';
import { uf2Firmware } from '../families/uf2-board.ts';

const PAGES = 160;
const SECTOR = 512;

let bench: Bench;
const disks: Disk<DiskFirmware>[] = [];
beforeAll(async () => {
  bench = await openBench(inject('productFolder'));
  await bench.automount('udisks');
});
afterEach(async () => {
  for (const disk of disks.splice(0)) await disk.dispose();
  await bench.clear();
});
afterAll(() => bench.close());

async function plugged<F extends DiskFirmware>(make: (ground: DiskGround) => F): Promise<Disk<F>> {
  const disk = await createDisk(bench.guest, make);
  disks.push(disk);
  disk.plug();
  await bench.untilUp(disk.firmware.usb.serial);
  return disk;
}

/** A program for a Cortex-M: a table of vectors, then something else in every word. */
function application(): Buffer {
  const bytes = Buffer.alloc(PAGES * 256);
  for (let at = 0; at < bytes.length; at += 4) bytes.writeUInt32LE((at * 2_654_435 + 77) >>> 0, at);
  for (const [at, word] of [0x2000_1000, 0x101, 0x103, 0x105].entries()) bytes.writeUInt32LE(word, at * 4);
  return bytes;
}

const NEW = application();

function uf2File(base: number, familyId: number): Buffer {
  const file = Buffer.alloc(PAGES * SECTOR);
  for (let number = 0; number < PAGES; number += 1) {
    const words = [0x0a324655, 0x9e5d5157, 0x2000, base + number * 256, 256, number, PAGES, familyId];
    for (const [place, word] of words.entries()) file.writeUInt32LE(word, number * SECTOR + place * 4);
    file.set(NEW.subarray(number * 256, number * 256 + 256), number * SECTOR + 32);
    file.writeUInt32LE(0x0ab16f30, number * SECTOR + 508);
  }
  return file;
}

function update(name: string, file: Uint8Array, user: 'root' | 'user' = 'user'): Promise<Told> {
  writeFileSync(join(bench.guest.emulator.shared, name), file);
  return bench.spacepack(`update /host/${name} --yes`, { user });
}

const isNew = (flash: Uint8Array): boolean => NEW.equals(flash.subarray(0, NEW.length));

describe('a UF2 board without a partition table', () => {
  const plugBoard = (options: Uf2BoardOptions) => plugged(uf2Firmware(options));
  const updateOf = ({ firmware: { board } }: Awaited<ReturnType<typeof plugBoard>>) =>
    update('new.uf2', uf2File(board.base, board.familyId));

  test.each(['stm32f4', 'nrf52', 'samd21'] as const)('%s: is updated and proven', async (model) => {
    const disk = await plugBoard({ model });
    const { status, code, stderr } = await updateOf(disk);
    expect([status, code, isNew(disk.firmware.board.cells)], stderr).toEqual([0, 'applied', true]);
    expect(disk.firmware.isOnBus()).toBe(false);
  });

  test('whose flash memory has a fault is not started', async () => {
    const { base } = uf2Firmware({ model: 'nrf52' })({ now: () => 0, later: () => undefined }).board;
    const disk = await plugBoard({ model: 'nrf52', faulty: new Set([base + 40 * 256]) });
    const { status, code, stderr } = await updateOf(disk);
    expect([status, code, isNew(disk.firmware.board.cells)], stderr).toEqual([8, 'flash-differs', false]);
    expect(disk.firmware.isOnBus()).toBe(true);
  });

  test.each([3, 60])('that is pulled while block %i is written is updated by the next run', async (block) => {
    const disk = await plugBoard({ model: 'nrf52' });
    let blocks = 0;
    disk.trap = (_, bytes) => {
      for (let at = 0; at < bytes.length; at += SECTOR) blocks += bytes.readUInt32LE(at) === 0x0a324655 ? 1 : 0;
      return blocks >= block ? 'pull' : 'done';
    };
    const first = await updateOf(disk);
    expect([first.status, first.code], first.stderr).toEqual([9, 'left-while-writing']);
    await bench.untilGone();
    disk.trap = null;
    disk.plug();
    await bench.untilUp(disk.firmware.usb.serial);
    const second = await updateOf(disk);
    expect([second.status, second.code, isNew(disk.firmware.board.cells)], second.stderr).toEqual([0, 'applied', true]);
  });
});

describe('an RP2040 with a partition table', () => {
  test.each([
    ['received by a user who may not read its flash memory', 'user', [9, 'received']],
    ['applied where its flash memory can be read', 'root', [0, 'applied']],
  ] as const)('is %s', async (_, user, ending) => {
    const { firmware } = await plugged(rp2Firmware);
    const { status, code, stderr } = await update('pico.uf2', uf2File(0x10000000, 0xe48bff56), user);
    expect([status, code], stderr).toEqual(ending);
    expect([isNew(firmware.rom.flash), firmware.isOnBus()]).toEqual([true, false]);
  });
});

describe('a DAPLink probe, whose medium goes and comes', () => {
  test('is updated', async () => {
    const { firmware } = await plugged(probeFirmware);
    const { status, code, stderr } = await update('new.bin', NEW);
    expect([status, code, isNew(firmware.probe.target.flash)], stderr).toEqual([0, 'applied', true]);
    expect(firmware.probe.remounts).toBe(1);
  });

  test('that cannot program its chip is believed', async () => {
    const { firmware } = await plugged(probeFirmware);
    firmware.probe.target.trouble = ['Flash algorithm write command FAILURE', 'target'];
    const { status, code, message, stderr } = await update('new.bin', NEW);
    expect([status, code], stderr).toEqual([8, 'failed-target']);
    expect(message).toContain('Flash algorithm write command FAILURE');
  });
});
