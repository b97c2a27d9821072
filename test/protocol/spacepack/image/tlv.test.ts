import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodeTlvArea,
  decodeTlvInfo,
  encodeTlvArea,
  PROTECTED_MAGIC,
  type Tlv,
  UNPROTECTED_MAGIC,
} from '../../../../src/protocol/spacepack/image/tlv.ts';

const entry: fc.Arbitrary<Tlv> = fc.record({
  type: fc.integer({ min: 0, max: 0xffff }),
  value: fc.uint8Array({ maxLength: 80 }),
});
const magic = fc.constantFrom(PROTECTED_MAGIC, UNPROTECTED_MAGIC);
const entries = fc.array(entry, { maxLength: 8 });

describe('a TLV area', () => {
  test('survives writing and reading, whatever follows it', () => {
    fc.assert(
      fc.property(magic, entries, fc.uint8Array(), (kind, written, rest) => {
        const area = encodeTlvArea(kind, written);
        const read = decodeTlvArea(Uint8Array.of(...area, ...rest), kind);
        expect(read).toEqual({ ok: true, value: { entries: written, sizeBytes: area.length } });
      }),
    );
  });

  test('is not one if it was cut short anywhere', () => {
    fc.assert(
      fc.property(magic, entries, fc.nat(), (kind, written, cut) => {
        const area = encodeTlvArea(kind, written);
        expect(decodeTlvArea(area.subarray(0, cut % area.length), kind)).toMatchObject({ ok: false });
      }),
    );
  });

  test.each([
    ['the other magic', [0x07, 0x69, 4, 0]],
    ['a size that is less than its own info', [0x08, 0x69, 3, 0]],
    ['an entry that ends behind it', [0x08, 0x69, 9, 0, 1, 0, 2, 0, 0xaa, 0xbb]],
    ['less than an entry header left over', [0x08, 0x69, 7, 0, 1, 0, 0]],
  ])('is not one with %s', (_, bytes) => {
    expect(decodeTlvArea(Uint8Array.from(bytes), PROTECTED_MAGIC)).toMatchObject({ ok: false });
  });

  test('gives its size before it has arrived whole', () => {
    const area = encodeTlvArea(UNPROTECTED_MAGIC, [{ type: 0x10, value: new Uint8Array(32) }]);
    expect(decodeTlvInfo(area.subarray(0, 4), UNPROTECTED_MAGIC)).toEqual({ ok: true, value: 40 });
  });

  test('is read from any bytes without an exception', () => {
    const framed = fc.uint8Array({ maxLength: 200 }).map((bytes) => Uint8Array.of(0x08, 0x69, ...bytes));
    fc.assert(fc.property(framed, (bytes) => void decodeTlvArea(bytes, PROTECTED_MAGIC)));
  });

  test('cannot be made larger than its size field can hold', () => {
    expect(() => encodeTlvArea(PROTECTED_MAGIC, [{ type: 1, value: new Uint8Array(0xfff8) }])).toThrow(RangeError);
  });
});
