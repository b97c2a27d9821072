import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { SpacepackError } from '../../src/protocol/errors.ts';
import { aVolume, mountedOf, NOTE, pieces, QUICK, temporaryFolder, writeNote } from './a-volume.ts';

const MIB = 1024 * 1024;

describe('reading', () => {
  test('a missing file and a missing folder read as null', async () => {
    const { volumes, mounted } = await aVolume();
    expect(await volumes.read(mounted, 'SPACEPAK/INFO.TXT', 10)).toBeNull();
    expect(await volumes.read(mounted, 'NOTHERE/INFO.TXT', 10)).toBeNull();
    expect(await volumes.entries(mounted, 'NOTHERE')).toBeNull();
  });

  test('no more than the limit is read from a huge file', async () => {
    const { volumes, mounted, ours } = await aVolume();
    writeFileSync(join(ours, 'INFO.TXT'), randomBytes(MIB));
    expect(await volumes.read(mounted, 'SPACEPAK/INFO.TXT', 4097)).toHaveLength(4097);
  });

  test('entries tell files, folders and everything else apart', async () => {
    const { volumes, mounted, ours } = await aVolume();
    writeFileSync(join(ours, 'INFO.TXT'), 'abc');
    mkdirSync(join(ours, 'STATUS.TXT'));
    symlinkSync('/etc/passwd', join(ours, 'UPDATE.BIN'));
    const entries = await volumes.entries(mounted, 'SPACEPAK');
    expect(new Map(entries?.map(({ name, kind }) => [name, kind]))).toEqual(
      new Map([
        ['INFO.TXT', 'file'],
        ['STATUS.TXT', 'folder'],
        ['UPDATE.BIN', 'other'],
      ]),
    );
    expect(entries?.find(({ name }) => name === 'INFO.TXT')?.sizeBytes).toBe(3);
  });

  test('the root folder has entries too', async () => {
    const { volumes, mounted } = await aVolume();
    const entries = await volumes.entries(mounted, '');
    expect(entries?.find(({ name }) => name === 'SPACEPAK')).toMatchObject({ kind: 'folder' });
  });

  test.each([
    [0, 10],
    [1, 512],
    [4096, 4096],
    [5000, 200_000],
    [MIB - 1, 2],
    [MIB + 3, 100],
    [2 * MIB, 1],
  ])('part of a file, past the cache: from %i on, %i bytes', async (offset, lengthBytes) => {
    const { volumes, mounted, ours } = await aVolume();
    const content = randomBytes(MIB + 7);
    writeFileSync(join(ours, 'CURRENT.UF2'), content);
    const { bytes, kind, volume } = await volumes.readPart(mounted, 'SPACEPAK/CURRENT.UF2', { offset, lengthBytes });
    expect(Buffer.from(bytes ?? []).equals(content.subarray(offset, offset + lengthBytes))).toBe(true);
    expect(kind).not.toBe('remounted');
    expect(volume).toBe(mounted);
  });

  test('part of a file that is not there is none', async () => {
    const { volumes, mounted } = await aVolume();
    expect(await volumes.readPart(mounted, 'SPACEPAK/A', { offset: 0, lengthBytes: 1 })).toMatchObject({ bytes: null });
    expect(await volumes.readPart(mounted, 'NOT/A', { offset: 0, lengthBytes: 1 })).toMatchObject({ bytes: null });
  });

  test('a folder with thousands of entries is refused instead of walked', async () => {
    const { volumes, mounted, ours } = await aVolume();
    for (let index = 0; index < 1100; index += 1) writeFileSync(join(ours, `F${index}`), '');
    await expect(volumes.entries(mounted, 'SPACEPAK')).rejects.toMatchObject({ code: 'volume-foreign' });
  });

  test.each(['/etc/passwd', '../SP/x', 'SPACEPAK/../x', '', 'SPACEPAK/', 'a\\b', 'C:', 'a\0b'])(
    'a path that could lead out of the volume is our own bug: %j',
    async (path) => {
      const { volumes, mounted } = await aVolume();
      await expect((async () => volumes.read(mounted, path, 10))()).rejects.toThrow(TypeError);
    },
  );
});

describe('links on the card', () => {
  test('SPACEPAK as a link to a folder is refused by every verb, and nothing is written there', async () => {
    const { volumes, mounted, root, ours } = await aVolume();
    const elsewhere = await temporaryFolder();
    writeFileSync(join(elsewhere, 'INFO.TXT'), 'secret');
    rmSync(ours, { recursive: true });
    symlinkSync(elsewhere, join(root, 'SP', 'SPACEPAK'));
    const foreign = { code: 'volume-foreign' };
    await expect(volumes.entries(mounted, 'SPACEPAK')).rejects.toMatchObject(foreign);
    await expect(volumes.read(mounted, 'SPACEPAK/INFO.TXT', 10)).rejects.toMatchObject(foreign);
    await expect(volumes.write(mounted, 'SPACEPAK/UPDATE.BIN', pieces(new Uint8Array(1)), QUICK)).rejects.toMatchObject(
      foreign,
    );
    await expect(volumes.remove(mounted, 'SPACEPAK/INFO.TXT')).rejects.toMatchObject(foreign);
    expect(await readdir(elsewhere)).toEqual(['INFO.TXT']);
  });

  test('a FIFO in the place of a file blocks nobody', async () => {
    const { volumes, mounted, ours } = await aVolume();
    execFileSync('mkfifo', [join(ours, 'UPDATE.BIN')]);
    const foreign = { code: 'volume-foreign' };
    await expect(volumes.read(mounted, 'SPACEPAK/UPDATE.BIN', 10)).rejects.toMatchObject(foreign);
    await expect(volumes.readBack(mounted, 'SPACEPAK/UPDATE.BIN')).rejects.toMatchObject(foreign);
    await expect(volumes.write(mounted, 'SPACEPAK/UPDATE.BIN', pieces(new Uint8Array(1)), QUICK)).rejects.toMatchObject(
      foreign,
    );
    await expect(volumes.remove(mounted, 'SPACEPAK/UPDATE.BIN')).rejects.toMatchObject(foreign);
  });

  test('a link in the place of a file is neither read, nor written through, nor removed', async () => {
    const { volumes, mounted, ours } = await aVolume();
    const elsewhere = await temporaryFolder();
    writeFileSync(join(elsewhere, 'target'), 'secret');
    symlinkSync(join(elsewhere, 'target'), join(ours, 'UPDATE.BIN'));
    symlinkSync(join(elsewhere, 'missing'), join(ours, 'UPDATE.TRG'));
    const foreign = { code: 'volume-foreign' };
    await expect(volumes.read(mounted, 'SPACEPAK/UPDATE.BIN', 10)).rejects.toMatchObject(foreign);
    await expect(volumes.readBack(mounted, 'SPACEPAK/UPDATE.BIN')).rejects.toMatchObject(foreign);
    for (const name of ['UPDATE.BIN', 'UPDATE.TRG']) {
      await expect(volumes.write(mounted, `SPACEPAK/${name}`, pieces(new Uint8Array(1)), QUICK)).rejects.toMatchObject(
        foreign,
      );
      await expect(volumes.remove(mounted, `SPACEPAK/${name}`)).rejects.toMatchObject(foreign);
    }
    expect(readFileSync(join(elsewhere, 'target'), 'utf8')).toBe('secret');
    expect(existsSync(join(elsewhere, 'missing'))).toBe(false);
  });

  test.each([
    ['a folder', (path: string) => mkdirSync(path)],
    ['a hard link', (path: string) => linkSync(join(path, '..', 'INFO.TXT'), path)],
    ['a file', (path: string) => writeFileSync(path, 'theirs')],
  ])('%s of the final name is not overwritten', async (_, make) => {
    const { volumes, mounted, ours } = await aVolume();
    writeFileSync(join(ours, 'INFO.TXT'), 'info');
    make(join(ours, 'UPDATE.BIN'));
    await expect(volumes.write(mounted, 'SPACEPAK/UPDATE.BIN', pieces(new Uint8Array(1)), QUICK)).rejects.toMatchObject(
      { code: 'volume-foreign' },
    );
    expect(readFileSync(join(ours, 'INFO.TXT'), 'utf8')).toBe('info');
  });
});

describe('writing and reading back', () => {
  test.each([0, 1, 511, 512, 4096, MIB - 1, MIB, MIB + 1, 2 * MIB, 3 * MIB + 777])(
    'a payload of %i bytes arrives whole and reads back equal',
    async (size) => {
      const { volumes, mounted, ours } = await aVolume();
      const payload = randomBytes(size);
      const durable: number[] = [];
      const written = await volumes.write(
        mounted,
        'SPACEPAK/UPDATE.BIN',
        pieces(payload.subarray(0, 100), payload.subarray(100, 200_000), payload.subarray(200_000)),
        { ...QUICK, onDurable: (bytes) => durable.push(bytes) },
      );
      expect(written).toBe(size);
      expect(durable.at(-1)).toBe(size);
      expect(durable).toEqual([...durable].sort((a, b) => a - b));
      expect((await readFile(join(ours, 'UPDATE.BIN'))).equals(payload)).toBe(true);

      const seen: number[] = [];
      const back = await volumes.readBack(mounted, 'SPACEPAK/UPDATE.BIN', (bytes) => seen.push(bytes));
      expect(back.sha256).toBe(createHash('sha256').update(payload).digest('hex'));
      expect(back.sizeBytes).toBe(size);
      expect(seen.at(-1) ?? 0).toBe(size);
      expect(back.volume).toBe(mounted);
    },
  );

  test('a write that fails or is called off leaves no file open', async () => {
    const { volumes, mounted, ours } = await aVolume();
    const open = (): number => readdirSync('/dev/fd').length;
    const before = open();
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(10);
      throw new SpacepackError('image-changed', 'changed');
    }
    for (const name of ['A', 'B', 'C']) {
      await expect(volumes.write(mounted, `SPACEPAK/${name}`, failing(), QUICK)).rejects.toMatchObject({
        code: 'image-changed',
      });
    }
    const called = { ...QUICK, signal: AbortSignal.abort() };
    await expect(volumes.write(mounted, 'SPACEPAK/D', pieces(new Uint8Array(1)), called)).rejects.toMatchObject({
      code: 'interrupted',
    });
    await volumes.readBack(mounted, 'SPACEPAK/A');
    expect(open()).toBe(before);
    expect((await readdir(ours)).sort()).toEqual(['A', 'B', 'C', 'D']);
  });

  test('what is read back of a file that is not there differs, by name', async () => {
    const { volumes, mounted } = await aVolume();
    await expect(volumes.readBack(mounted, 'SPACEPAK/UPDATE.BIN')).rejects.toMatchObject({ code: 'readback-differs' });
  });

  test('the twin that macOS lays beside a file is gone after the write, other twins stay', async () => {
    const { volumes, mounted, ours } = await aVolume();
    async function* whileTwinAppears(): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(10);
      writeFileSync(join(ours, '._UPDATE.BIN'), 'attributes');
      writeFileSync(join(ours, '._OTHER'), 'attributes');
    }
    await volumes.write(mounted, 'SPACEPAK/UPDATE.BIN', whileTwinAppears(), QUICK);
    expect((await readdir(ours)).sort()).toEqual(['._OTHER', 'UPDATE.BIN']);
  });

  test('a file that the device shows is written over in place: its tail stays, and none is made or followed', async () => {
    const { volumes, mounted, ours } = await aVolume();
    const over = { ...QUICK, isOver: true };
    writeFileSync(join(ours, 'FLASH.BIN'), 'old firmware');
    await volumes.write(mounted, 'SPACEPAK/FLASH.BIN', pieces(Buffer.from('new')), over);
    expect(readFileSync(join(ours, 'FLASH.BIN'), 'utf8')).toBe('new firmware');
    const write = (name: string) => volumes.write(mounted, `SPACEPAK/${name}`, pieces(Buffer.from('new')), over);
    await expect(write('NONE.BIN')).rejects.toMatchObject({ noEffect: true });
    symlinkSync(join(ours, 'FLASH.BIN'), join(ours, 'LINK.BIN'));
    await expect(write('LINK.BIN')).rejects.toMatchObject({ code: 'volume-foreign', noEffect: true });
    expect(readdirSync(ours).sort()).toEqual(['FLASH.BIN', 'LINK.BIN']);
  });

  test('removing takes the twin along; removing what is not there is done already', async () => {
    const { volumes, mounted, ours } = await aVolume();
    writeFileSync(join(ours, 'UPDATE.BIN'), 'x');
    writeFileSync(join(ours, '._UPDATE.BIN'), 'x');
    await volumes.remove(mounted, 'SPACEPAK/UPDATE.BIN');
    await volumes.remove(mounted, 'SPACEPAK/UPDATE.BIN');
    await volumes.remove(mounted, 'NOTHERE/UPDATE.BIN');
    expect(await readdir(ours)).toEqual([]);
  });

  test('the folder of the device is never made by the host', async () => {
    const { volumes, mounted, ours } = await aVolume();
    rmSync(ours, { recursive: true });
    await expect(volumes.write(mounted, 'SPACEPAK/UPDATE.BIN', pieces(new Uint8Array(1)), QUICK)).rejects.toMatchObject(
      { code: 'info-missing' },
    );
    expect(existsSync(ours)).toBe(false);
  });

  test('a write-protected drive is refused before a file is made', async () => {
    const { volumes, root, ours } = await aVolume();
    await writeNote(root, 'SP', { ...NOTE, writeProtected: true });
    await expect(
      volumes.write(await mountedOf(volumes), 'SPACEPAK/UPDATE.BIN', pieces(new Uint8Array(1)), QUICK),
    ).rejects.toMatchObject({ code: 'volume-read-only' });
    expect(await readdir(ours)).toEqual([]);
  });
});

describe('a mount that is not the same any more', () => {
  test.each(['read', 'write', 'remove', 'entries', 'readBack', 'readPart', 'release'] as const)(
    '%s notices that the device was attached anew under the same path',
    async (verb) => {
      const { volumes, root, ours } = await aVolume();
      await writeNote(root, 'SP', NOTE);
      const before = await mountedOf(volumes);
      await writeNote(root, 'SP', { ...NOTE, attachment: 'second' });
      writeFileSync(join(ours, 'INFO.TXT'), 'x');
      const path = 'SPACEPAK/INFO.TXT';
      const work = {
        read: () => volumes.read(before, path, 10),
        write: () => volumes.write(before, 'SPACEPAK/UPDATE.BIN', pieces(new Uint8Array(1)), QUICK),
        remove: () => volumes.remove(before, path),
        entries: () => volumes.entries(before, 'SPACEPAK'),
        readBack: () => volumes.readBack(before, path),
        readPart: () => volumes.readPart(before, path, { offset: 0, lengthBytes: 1 }),
        release: () => volumes.release(before),
      }[verb];
      await expect(work()).rejects.toMatchObject({ code: 'volume-gone' });
      expect(await readdir(ours)).toEqual(['INFO.TXT']);
    },
  );

  test('nothing is written to a plain folder that took the place of the volume', async () => {
    const { volumes, mounted, root } = await aVolume();
    renameSync(join(root, 'SP'), join(root, '.away'));
    mkdirSync(join(root, 'SP', 'SPACEPAK'), { recursive: true });
    await expect(volumes.write(mounted, 'SPACEPAK/UPDATE.BIN', pieces(new Uint8Array(1)), QUICK)).rejects.toMatchObject(
      { code: 'volume-gone' },
    );
    expect(await readdir(join(root, 'SP', 'SPACEPAK'))).toEqual([]);
  });

  test('a volume pulled while it is being written to is gone, not broken', async () => {
    const { volumes, mounted, root } = await aVolume();
    async function* whilePulled(): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(10);
      rmSync(join(root, 'SP'), { recursive: true });
      throw Object.assign(new Error('the source was on it'), { code: 'EIO' });
    }
    await expect(volumes.write(mounted, 'SPACEPAK/UPDATE.BIN', whilePulled(), QUICK)).rejects.toMatchObject({
      code: 'volume-gone',
    });
  });
});
