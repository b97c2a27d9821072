import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  areSameUf2Tags,
  decodeUf2Tags,
  encodeUf2Tags,
  factsOfUf2Tags,
  UF2_TAG,
  type Uf2Tag,
} from '../../../src/protocol/uf2/tags.ts';

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
/** The example of the specification. */
const EXAMPLE = Buffer.from('09bcc79f302e312e32000000149d0d6541434d4520546f6173746572206d6b3300000000', 'hex');

describe('tags', () => {
  test('are those of the example in the specification', () => {
    const tags = [
      { type: UF2_TAG.version, value: text('0.1.2') },
      { type: UF2_TAG.device, value: text('ACME Toaster mk3') },
    ];
    expect(decodeUf2Tags(new Uint8Array(EXAMPLE))).toEqual({ ok: true, value: tags });
    expect(encodeUf2Tags(tags)).toEqual(new Uint8Array(EXAMPLE));
  });

  const tag: fc.Arbitrary<Uf2Tag> = fc.record({
    type: fc.integer({ min: 1, max: 0xff }),
    value: fc.uint8Array({ maxLength: 251 }),
  });
  test('survive writing and reading, whatever follows', () => {
    fc.assert(
      fc.property(fc.array(tag, { maxLength: 5 }), fc.uint8Array(), (tags, rest) => {
        expect(decodeUf2Tags(Uint8Array.of(...encodeUf2Tags(tags), ...rest))).toEqual({ ok: true, value: tags });
      }),
    );
  });

  test('are read from any bytes without an exception', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 220 }), (bytes) => void decodeUf2Tags(bytes)));
  });

  test.each([
    ['no end', [4, 1, 0, 0], 'an end of the tags'],
    ['nothing at all', [], 'an end of the tags'],
    ['a size below its own header', [3, 1, 0, 0, 0, 0, 0, 0], 'tags of at least 4 bytes'],
    ['a size of 0 with a type', [0, 1, 0, 0, 0, 0, 0, 0], 'tags of at least 4 bytes'],
    ['a tag that ends behind the block', [9, 1, 0, 0, 0, 0, 0, 0], 'tags that end within the block'],
    ['a version that is no text', [5, 0xbc, 0xc7, 0x9f, 0xff, 0, 0, 0], 'a version in UTF-8'],
    ['a page size of one byte', [5, 0xf7, 0xe9, 0x0b, 1, 0, 0, 0], 'a page size of 4 bytes'],
    ['a SHA-2 of no known length', [5, 0xb0, 0x6d, 0xb4, 1, 0, 0, 0], 'a SHA-2 of 28, 32, 48, 64 bytes'],
    ['a device type of one byte', [5, 0x29, 0xa7, 0xc8, 1, 0, 0, 0], 'a device type of 4, 8 bytes'],
  ])('are malformed with %s', (_, bytes, expected) => {
    expect(decodeUf2Tags(Uint8Array.from([...bytes]))).toMatchObject({ ok: false, expected });
  });

  test('of more than 255 bytes cannot be written', () => {
    expect(() => encodeUf2Tags([{ type: 1, value: new Uint8Array(252) }])).toThrow(RangeError);
  });
});

test('factsOfUf2Tags says what is known', () => {
  expect(
    factsOfUf2Tags([
      { type: 7, value: text('own') },
      { type: UF2_TAG.version, value: text('1.2.3') },
      { type: UF2_TAG.version, value: text('9.9.9') },
      { type: UF2_TAG.device, value: text('Töaster') },
      { type: UF2_TAG.pageSize, value: Uint8Array.of(0, 0x10, 0, 0) },
      { type: UF2_TAG.sha2, value: new Uint8Array(32).fill(0xab) },
      { type: UF2_TAG.deviceType, value: Uint8Array.of(0x78, 0x56, 0x34, 0x12) },
    ]),
  ).toEqual({ version: '1.2.3', device: 'Töaster', pageBytes: 4096, sha2: 'ab'.repeat(32), deviceType: '12345678' });
  expect(factsOfUf2Tags([])).toEqual({ version: null, device: null, pageBytes: null, sha2: null, deviceType: null });
});

test.each([
  ['nothing', [], [], true],
  ['the same', [[1, 'a']], [[1, 'a']], true],
  ['another value', [[1, 'a']], [[1, 'b']], false],
  ['a longer value', [[1, 'a']], [[1, 'ab']], false],
  ['another type', [[1, 'a']], [[2, 'a']], false],
  [
    'one more',
    [[1, 'a']],
    [
      [1, 'a'],
      [2, 'b'],
    ],
    false,
  ],
] as [string, [number, string][], [number, string][], boolean][])('areSameUf2Tags: %s', (_, some, others, same) => {
  const tagsOf = (list: [number, string][]): Uf2Tag[] => list.map(([type, value]) => ({ type, value: text(value) }));
  expect(areSameUf2Tags(tagsOf(some), tagsOf(others))).toBe(same);
});
