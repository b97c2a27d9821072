import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeUf2Block } from '../../../src/protocol/uf2/decode-block.ts';
import { encodeUf2Block } from '../../../src/protocol/uf2/encode-block.ts';
import { UF2_TAG } from '../../../src/protocol/uf2/tags.ts';
import { aBlock, md5Of, patched } from './some-blocks.ts';

const plain = encodeUf2Block(aBlock());

describe('a block', () => {
  test('is read at its place in a longer piece of memory', () => {
    const memory = Uint8Array.of(1, 2, 3, ...plain, 4);
    expect(decodeUf2Block(memory, 3)).toEqual({ ok: true, value: aBlock() });
  });

  test('without a family may say how large the file is', () => {
    expect(decodeUf2Block(encodeUf2Block(aBlock({ familyId: null, fileSize: 1234 })))).toMatchObject({
      value: { familyId: null, fileSize: 1234 },
    });
    expect(decodeUf2Block(encodeUf2Block(aBlock({ familyId: null })))).toMatchObject({
      value: { familyId: null, fileSize: null },
    });
  });

  test('that is a comment may have any address', () => {
    const block = aBlock({ kind: 'comment', address: 0xffffffff });
    expect(decodeUf2Block(encodeUf2Block(block))).toEqual({ ok: true, value: block });
  });

  test('of a file that is marked as not for the main flash is one of a file', () => {
    const block = aBlock({ kind: 'file', familyId: null, fileSize: 300, fileName: 'a.txt', address: 44 });
    const bytes = encodeUf2Block(block);
    expect(decodeUf2Block(patched(bytes, [8, 0x1001]))).toEqual({ ok: true, value: block });
  });

  test('of Espressif’s tools has its MD5 directly behind the payload', () => {
    for (const size of [4, 256, 440, 452]) {
      const payload = new Uint8Array(size).fill(7);
      const bytes = patched(encodeUf2Block(aBlock({ payload })), [8, 0x6000], [32 + size, 0x2000], [36 + size, size]);
      bytes.set(md5Of(payload), 40 + size);
      const md5Region = { start: 0x2000, end: 0x2000 + size, md5: new Uint8Array(md5Of(payload)) };
      expect(decodeUf2Block(bytes)).toEqual({ ok: true, value: aBlock({ payload, md5Region }) });
    }
  });

  test('with tags has its MD5 where the specification puts it, whatever the tags look like', () => {
    const md5Region = { start: 0x4000, end: 0x5000, md5: new Uint8Array(16).fill(9) };
    // The tag as words: 2008 and 256, which are this block's address and payload size.
    const block = aBlock({ address: 0x2008, md5Region, tags: [{ type: 0x20, value: Uint8Array.of(0, 1, 0, 0) }] });
    expect(decodeUf2Block(encodeUf2Block(block))).toEqual({ ok: true, value: block });
  });

  const file = encodeUf2Block(aBlock({ kind: 'file', familyId: null, fileSize: 300, fileName: 'a.txt', address: 44 }));
  const noName = file.slice();
  noName[32 + 256] = 0;
  const longName = file.slice().fill(0x41, 32 + 256, 508);
  const notText = file.slice();
  notText[32 + 256] = 0xff;
  test.each([
    ['one bit of the first magic', patched(plain, [0, 0x0a324654]), 'first magic', '0A324654'],
    ['the wrong second magic', patched(plain, [4, 0]), 'second magic', '00000000'],
    ['the wrong final magic', patched(plain, [508, 0]), 'final magic', '00000000'],
    ['no payload', patched(plain, [16, 0]), 'payload size', '0'],
    ['a payload that does not fit', patched(plain, [16, 477]), 'payload size', '477'],
    ['a huge payload', patched(plain, [16, 0xffffffff]), 'payload size', '4294967295'],
    ['a payload that leaves no room for an MD5', patched(plain, [8, 0x6000], [16, 456]), 'payload size', '456'],
    ['an odd address', patched(plain, [12, 0x2001]), 'address', '00002001'],
    ['an address without room behind it', patched(plain, [12, 0xffffff04]), 'address', 'FFFFFF04'],
    ['an MD5 of nothing', patched(plain, [8, 0x6000]), 'MD5 region', '0 bytes'],
    [
      'an MD5 of more than there is',
      patched(plain, [8, 0x6000], [484, 0xffffff00], [488, 0x101]),
      'MD5 region',
      '257 bytes',
    ],
    [
      'tags that never end',
      patched(plain, [8, 0xa000], [288, 0xffffffff]),
      'extension tags',
      '255 bytes of type FFFFFF at its end',
    ],
    ['a file with a family', patched(plain, [8, 0x3000]), 'flags', '00003000'],
    ['a file with tags', patched(file, [8, 0x9000]), 'flags', '00009000'],
    ['a file with an MD5', patched(file, [8, 0x5000]), 'flags', '00005000'],
    ['more than its file has', patched(file, [28, 299]), 'file size', '299'],
    ['no name of its file', noName, 'file name', ''],
    ['a name without an end', longName, 'file name', 'none'],
    ['a name that is no text', notText, 'file name', 'other bytes'],
    ['a byte missing', plain.subarray(1), 'file', '511'],
  ])('with %s is told by its field', (_, bytes, field, found) => {
    expect(decodeUf2Block(bytes)).toMatchObject({ ok: false, field, found });
  });

  test('is read from any bytes without an exception', () => {
    const flags = fc.integer({ min: 0, max: 15 }).map((bits) => bits << 12);
    const words = fc.uint8Array({ minLength: 512, maxLength: 512 });
    fc.assert(fc.property(words, (bytes) => void decodeUf2Block(bytes)));
    fc.assert(
      fc.property(words, flags, fc.integer({ min: 1, max: 476 }), (bytes, set, size) => {
        const framed = patched(bytes, [0, 0x0a324655], [4, 0x9e5d5157], [508, 0x0ab16f30], [8, set], [16, size]);
        decodeUf2Block(framed);
      }),
    );
  });
});

const word = fc.integer({ min: 0, max: 0xffffffff });
const numbers = { number: word, count: word, otherFlags: fc.constantFrom(0, 0x2, 0x10000, 0x80000000) };
const region = fc
  .tuple(fc.nat(0xffff), fc.integer({ min: 1, max: 0xffff }), fc.uint8Array({ minLength: 16, maxLength: 16 }))
  .map(([start, length, md5]) => ({ start, end: start + length, md5 }));
const flash = fc.record({
  ...numbers,
  kind: fc.constantFrom('flash' as const, 'comment' as const),
  address: fc.nat(0xffffff).map((address) => 4 * address),
  payload: fc.uint8Array({ minLength: 1, maxLength: 300 }),
  familyId: fc.option(word),
  md5Region: fc.option(region),
  tags: fc.array(fc.record({ type: fc.constant(1), value: fc.uint8Array({ maxLength: 20 }) }), { maxLength: 3 }),
});
const piece = fc.record({
  ...numbers,
  kind: fc.constant('file' as const),
  address: fc.nat(1000),
  payload: fc.uint8Array({ minLength: 1, maxLength: 300 }),
  familyId: fc.constant(null),
  fileSize: fc.integer({ min: 1300, max: 0xffffffff }),
  fileName: fc
    .string({ minLength: 1, maxLength: 40, unit: 'grapheme' })
    .filter((name) => !name.includes('\0') && Buffer.byteLength(name) < 150),
});

describe('encodeUf2Block', () => {
  test('writes what is read again', () => {
    fc.assert(
      fc.property(fc.oneof(flash, piece), (parts) => {
        const block = aBlock(parts);
        expect(decodeUf2Block(encodeUf2Block(block))).toEqual({ ok: true, value: block });
      }),
    );
  });

  test.each([
    ['too large a payload', aBlock({ payload: new Uint8Array(477) })],
    ['no payload', aBlock({ payload: new Uint8Array(0) })],
    ['an address that no board can write', aBlock({ address: 2 })],
    ['a name of no file', aBlock({ fileName: 'a.txt' })],
    ['a file without a name', aBlock({ kind: 'file', familyId: null, fileSize: 300, address: 0 })],
    [
      'a name that would end early',
      aBlock({ kind: 'file', familyId: null, fileSize: 300, address: 0, fileName: 'a\0b' }),
    ],
    ['flags that have a meaning', aBlock({ otherFlags: 0x8000 })],
    [
      'tags that reach into the MD5 region',
      aBlock({
        payload: new Uint8Array(440),
        tags: [{ type: UF2_TAG.version, value: new Uint8Array(20) }],
        md5Region: { start: 0, end: 1, md5: new Uint8Array(16) },
      }),
    ],
  ])('refuses %s', (_, block) => {
    expect(() => encodeUf2Block(block)).toThrow(RangeError);
  });
});
