import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Card, RESERVED } from '../card.ts';
import { changedFiles, userFiles } from '../content.ts';
import { someUserFiles } from '../user-files.ts';
import { aCard, type Width } from './a-card.ts';
import { writeSlot } from './allocate.ts';
import { fatCard } from './card.ts';
import { fatContent } from './content.ts';
import { entriesOf, folderSectors } from './directory.ts';
import { type Geometry, readGeometry } from './geometry.ts';
import { controlPartition } from './partition.ts';
import type { Sectors } from './sectors.ts';
import { tableOf } from './table.ts';

const WIDTHS: readonly Width[] = [12, 16, 32];

function cardOn(sectors: Sectors): Card {
  const card = fatCard(sectors);
  if (card === null) throw new Error('Expected a control volume, found none.');
  return card;
}

function geometryOf(sectors: Sectors): Geometry {
  const partition = controlPartition(sectors);
  const geometry = partition === null ? null : readGeometry(sectors, partition);
  if (geometry === null) throw new Error('Expected a FAT volume, found none.');
  return geometry;
}

const hasTools =
  spawnSync('fsck.vfat', ['--help']).error === undefined && spawnSync('mcopy', ['-V']).error === undefined;

function withFile<Result>(image: Buffer, work: (path: string) => Result): Result {
  const folder = mkdtempSync(join(tmpdir(), 'spacepack-fat-'));
  try {
    writeFileSync(join(folder, 'volume'), image.subarray(2048 * 512));
    return work(join(folder, 'volume'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe.each(WIDTHS)('a card with FAT%i', (bits) => {
  const bytes = Buffer.alloc(5000, 'payload ');

  test('is read, written in place and tidied, and the user keeps every byte', () => {
    const { sectors } = aCard(bits);
    const content = fatContent(sectors);
    for (const [path, data] of someUserFiles()) content.write(path, data);
    const before = userFiles(content);
    const card = cardOn(sectors);
    const free = card.freeBytes();

    expect(card.find(RESERVED.trigger)).toEqual({ kind: 'missing' });
    expect(card.create(RESERVED.status, Buffer.alloc(1024, 'a'))).toBe(true);
    expect(card.create(RESERVED.payload, bytes)).toBe(true);
    expect(card.find(RESERVED.payload)).toEqual({ kind: 'file', sizeBytes: 5000 });
    expect(card.read(RESERVED.payload, 9999)).toEqual(bytes);
    expect(card.rewrite(RESERVED.status, Buffer.alloc(1024, 'b'))).toBe(true);
    expect(card.rewrite(RESERVED.status, Buffer.alloc(1023, 'c'))).toBe(false);
    expect(card.read(RESERVED.status, 4)).toEqual(Buffer.from('bbbb'));
    expect(card.remove(RESERVED.payload)).toBe(true);
    expect(card.remove(RESERVED.status)).toBe(true);
    // What remains is the folder itself.
    expect(free - card.freeBytes()).toBeLessThanOrEqual(4096);
    expect(changedFiles(before, userFiles(content))).toEqual([]);
    expect(changedFiles(someUserFiles(), userFiles(content))).toEqual([]);
  });

  test('shows the dirty mark of the boot sector', () => {
    const { sectors } = aCard(bits);
    expect(cardOn(sectors).dirty()).toBe(false);
    const boot = Buffer.from(sectors.read(2048));
    boot.writeUInt8(1, bits === 32 ? 0x41 : 0x25);
    sectors.write(2048, boot);
    expect(cardOn(sectors).dirty()).toBe(true);
  });

  test('keeps a file whose chain ends too early, runs in a circle, or leads into another file', () => {
    const { sectors } = aCard(bits);
    const geometry = geometryOf(sectors);
    const table = tableOf(sectors, geometry);
    const content = fatContent(sectors);
    content.write('a user file.bin', Buffer.alloc(20_000, 1));
    const card = cardOn(sectors);
    card.create(RESERVED.payload, Buffer.alloc(geometry.clusterSectors * 512 * 4));
    const [user] = entriesOf(sectors, folderSectors(sectors, geometry, 0));
    const folder = entriesOf(sectors, folderSectors(sectors, geometry, 0)).find(({ raw }) => raw === 'SPACEPAK   ');
    const [payload] = entriesOf(sectors, folderSectors(sectors, geometry, folder?.first ?? 0)).filter(
      ({ raw }) => raw === 'UPDATE  BIN',
    );
    if (user === undefined || payload === undefined) throw new Error('Expected both files.');
    const first = payload.first;
    const whole = table.get(first);
    for (const damaged of [table.end, first, user.first, 0, 1]) {
      table.set(first, damaged);
      expect(card.chainPasses(RESERVED.payload), `the first cell is ${damaged}`).toBe(false);
      expect(card.remove(RESERVED.payload)).toBe(false);
      expect(card.rewrite(RESERVED.payload, Buffer.alloc(geometry.clusterSectors * 512 * 4))).toBe(false);
    }
    table.set(first, whole);
    expect(card.chainPasses(RESERVED.payload)).toBe(true);
    // The chain is as long as it should be, but the user's entry begins inside it.
    const entry = Buffer.from(sectors.read(user.sector).subarray(user.offset, user.offset + 32));
    entry.writeUInt16LE(whole & 0xffff, 26);
    writeSlot(sectors, user, entry);
    expect(card.chainPasses(RESERVED.payload)).toBe(false);
  });

  test('does not count two entries of one raw name, nor a folder', () => {
    const { sectors } = aCard(bits);
    const card = cardOn(sectors);
    card.create(RESERVED.trigger, Buffer.from('one'));
    card.create(RESERVED.payload, Buffer.from('two'));
    const geometry = geometryOf(sectors);
    const folder = entriesOf(sectors, folderSectors(sectors, geometry, 0)).find(({ raw }) => raw === 'SPACEPAK   ');
    const entries = entriesOf(sectors, folderSectors(sectors, geometry, folder?.first ?? 0));
    const payload = entries.find(({ raw }) => raw === 'UPDATE  BIN');
    if (payload === undefined) throw new Error('Expected the payload.');
    const bytes = Buffer.from(sectors.read(payload.sector).subarray(payload.offset, payload.offset + 32));
    bytes.write('UPDATE  TRG', 'latin1');
    writeSlot(sectors, payload, bytes);
    expect(card.find(RESERVED.trigger)).toEqual({ kind: 'twice' });
    bytes.write('UPDATE  BIN', 'latin1');
    bytes.writeUInt8(0x10, 11);
    writeSlot(sectors, payload, bytes);
    expect(card.find(RESERVED.payload)).toEqual({ kind: 'foreign' });
    expect(card.read(RESERVED.payload, 10)).toHaveLength(0);
  });

  test.runIf(hasTools)('satisfies fsck.vfat and mtools after everything that the device does', () => {
    const { image, sectors } = aCard(bits);
    const content = fatContent(sectors);
    for (const [path, data] of someUserFiles()) content.write(path, data);
    for (let count = 0; count < 40; count += 1)
      content.write(`many/A file with a long name, number ${count}.txt`, bytes);
    const card = cardOn(sectors);
    card.create(RESERVED.info, Buffer.alloc(1024, 'i'));
    card.create(RESERVED.payload, bytes);
    card.create(RESERVED.trigger, Buffer.from('trigger'));
    card.remove(RESERVED.trigger);
    content.remove('many/A file with a long name, number 7.txt');
    withFile(image, (path) => {
      const check = spawnSync('fsck.vfat', ['-n', '-v', path], { encoding: 'utf8' });
      expect(`${check.status}\n${check.stdout}`).toMatch(/^0\n/);
      const env = { ...process.env, MTOOLS_SKIP_CHECK: '1' };
      expect(execFileSync('mcopy', ['-i', path, '::SPACEPAK/UPDATE.BIN', '-'], { env })).toEqual(bytes);
      const long = '::DCIM/100MEDIA/A rather long name of a video, cut twice.mov';
      expect(execFileSync('mcopy', ['-i', path, long, '-'], { env })).toEqual(
        someUserFiles().get('DCIM/100MEDIA/A rather long name of a video, cut twice.mov'),
      );
    });
  });
});

describe('a card that is no control volume', () => {
  test.each<[string, (image: Buffer) => void]>([
    ['has no partition table', (image) => image.copy(image, 0, 2048 * 512, 2048 * 512 + 512)],
    ['has a GPT', (image) => image.writeUInt8(0xee, 450)],
    ['has an exFAT partition', (image) => image.writeUInt8(0x07, 450)],
    ['has a partition that ends behind the card', (image) => image.writeUInt32LE(0x7fffffff, 458)],
    ['has no boot sector', (image) => image.fill(0, 2048 * 512, 2048 * 512 + 512)],
    ['has sectors of 4096 bytes', (image) => image.writeUInt16LE(4096, 2048 * 512 + 11)],
    ['has more clusters than its table', (image) => image.writeUInt32LE(1, 2048 * 512 + 36)],
  ])('%s', (_, change) => {
    const { image, sectors } = aCard();
    change(image);
    expect(fatCard(sectors)).toBeNull();
  });
});
