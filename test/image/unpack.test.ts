import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { memoryPayload, type PayloadSource } from '../../src/image/payload.ts';
import { IMAGE_MOST_BYTES, unpack } from '../../src/image/unpack.ts';
import { fixture } from './fixtures.ts';
import { zipOf } from './zip-builder.ts';

const signed = fixture('signed.dfu');
const notes = { name: 'notes.txt', bytes: Buffer.from('what is new') };

async function unpacked(name: string, bytes: Uint8Array): Promise<{ name: string; bytes: Buffer }> {
  const payload = await unpack(memoryPayload(name, bytes), ['dfu']);
  const chunks: Uint8Array[] = [];
  for await (const chunk of payload.read()) chunks.push(Uint8Array.from(chunk));
  const all = Buffer.concat(chunks);
  expect(payload.sizeBytes).toBe(all.length);
  return { name: payload.name, bytes: all };
}

describe('what is not packed', () => {
  test('is left as it is', async () => {
    const payload = memoryPayload('firmware.dfu', signed);
    expect(await unpack(payload, ['dfu'])).toBe(payload);
    const short = memoryPayload('short', Uint8Array.of(0x1f));
    expect(await unpack(short, ['dfu'])).toBe(short);
  });
});

describe('one image comes out of', () => {
  test.each<[string, Uint8Array]>([
    ['a gzip file', gzipSync(signed)],
    ['a zip archive with just one file, whatever it is called', zipOf({ name: 'firmware', bytes: signed })],
    ['a zip archive with one image among other files', zipOf(notes, { name: 'a/F.DFU', bytes: signed })],
    ['a zip archive that stores it', zipOf({ name: 'f.dfu', bytes: signed, method: 0 })],
    [
      'a zip archive of macOS, with its twins',
      zipOf({ name: 'f.dfu', bytes: signed }, { name: '__MACOSX/._f.dfu', bytes: notes.bytes }),
    ],
  ])('%s', async (_, bytes) => {
    const { bytes: found } = await unpacked('packed', bytes);
    expect(Buffer.compare(found, signed)).toBe(0);
  });

  test('a zip archive under the name that it has there, which is never a path', async () => {
    const name = join('..', '..', `${process.pid}-escaped.dfu`);
    const made = await unpack(memoryPayload('f.zip', zipOf({ name, bytes: signed })), ['dfu']).catch(() => null);
    expect(made === null || made.name === `f.zip (${name})`).toBe(true);
    expect(existsSync(join(tmpdir(), name))).toBe(false);
  });
});

describe('refused as image-packed is', () => {
  test.each<[string, Uint8Array, RegExp]>([
    ['a cut gzip file', gzipSync(signed).subarray(0, -20), /found/],
    ['a gzip file with another byte', Buffer.from(gzipSync(signed)).fill(0, 30, 60), /found/],
    ['a cut zip archive', zipOf({ name: 'f.dfu', bytes: signed }).subarray(0, -30), /found/],
    ['an empty zip archive', zipOf(), /found no file/],
    [
      'a zip archive of two images',
      zipOf({ name: 'a.dfu', bytes: signed }, { name: 'b.dfu', bytes: signed }),
      /found a\.dfu, b\.dfu/,
    ],
    [
      'one name twice',
      zipOf({ name: 'a.dfu', bytes: signed }, { name: 'a.dfu', bytes: notes.bytes }),
      /found a\.dfu, a\.dfu/,
    ],
    ['a zip archive of other files', zipOf(notes, { name: 'app.bin', bytes: signed }), /found notes\.txt, app\.bin/],
    ['an encrypted zip archive', zipOf({ name: 'f.dfu', bytes: signed, flags: 1 }), /encrypted/i],
    ['a zip archive of a method that is not known', zipOf({ name: 'f.dfu', bytes: signed, method: 14 }), /found/],
    [
      'a zip archive whose image is longer than it says',
      zipOf({ name: 'f.dfu', bytes: signed, claimedBytes: 10 }),
      /found/,
    ],
    [
      'a zip archive whose image is shorter than it says',
      zipOf({ name: 'f.dfu', bytes: signed, claimedBytes: 9_999 }),
      /found/,
    ],
    [
      'a zip archive that says it holds too much',
      zipOf({ name: 'f.dfu', bytes: signed, claimedBytes: 2 ** 32 - 2 }),
      /more than/,
    ],
    ['a gzip file in a gzip file', gzipSync(gzipSync(signed)), /once, found a gzip file in it/],
    ['a zip archive in a gzip file', gzipSync(zipOf({ name: 'f.dfu', bytes: signed })), /found a ZIP archive in it/],
    [
      'an xz file in a zip archive',
      zipOf({ name: 'f.xz', bytes: Buffer.from('fd377a585a0000', 'hex') }),
      /xz file in it/,
    ],
    ['an xz file', Buffer.from('fd377a585a000004e6d6b446', 'hex'), /an xz file/],
    ['a bzip2 file', Buffer.from('BZh91AY&SY'), /a bzip2 file/],
    ['a Zstandard file', Buffer.from('28b52ffd2400', 'hex'), /a Zstandard file/],
    ['a 7z archive', Buffer.from('377abcaf271c0004', 'hex'), /a 7z archive/],
  ])('%s', async (_, bytes, message) => {
    const unpacking = unpack(memoryPayload('packed', bytes), ['dfu']);
    await expect(unpacking).rejects.toMatchObject({ code: 'image-packed', message: expect.stringMatching(message) });
  });

  test('a bomb, before it has gone off', async () => {
    const MIB = 1024 * 1024;
    // A gzip file may consist of many.
    const part = gzipSync(Buffer.alloc(MIB));
    const bomb = Buffer.concat(Array.from({ length: (4 * IMAGE_MOST_BYTES) / MIB }, () => part));
    const zip = zipOf({ name: 'f.dfu', bytes: Buffer.alloc(IMAGE_MOST_BYTES), claimedBytes: 1_000 });
    for (const bytes of [bomb, zip]) {
      const before = process.memoryUsage().arrayBuffers;
      let most = 0;
      const watching = setInterval(() => {
        most = Math.max(most, process.memoryUsage().arrayBuffers - before);
      }, 1);
      const unpacking = unpack(memoryPayload('bomb', bytes), ['dfu']);
      await expect(unpacking).rejects.toMatchObject({ code: 'image-packed' });
      clearInterval(watching);
      expect(most).toBeLessThan(2 * IMAGE_MOST_BYTES);
    }
  });

  test('a packed file that is too long to be read, before it is read', async () => {
    const long: PayloadSource = {
      name: 'long.gz',
      sizeBytes: IMAGE_MOST_BYTES + 1,
      async *read() {
        yield Uint8Array.from([0x1f, 0x8b, 8, ...new Uint8Array(29)]);
        throw new Error('read on');
      },
    };
    await expect(unpack(long, ['dfu'])).rejects.toMatchObject({ code: 'image-packed' });
  });
});

test('the signal stops it', async () => {
  const signal = AbortSignal.abort();
  const unpacking = unpack(memoryPayload('f.gz', gzipSync(signed)), ['dfu'], signal);
  await expect(unpacking).rejects.toMatchObject({ code: 'interrupted' });
});
