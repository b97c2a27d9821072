import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeHexRecord } from '../../../../src/protocol/firmware/intel-hex/record.ts';
import { record } from './a-hex-file.ts';

const decode = (line: string | Uint8Array): ReturnType<typeof decodeHexRecord> =>
  decodeHexRecord(typeof line === 'string' ? Buffer.from(line, 'latin1') : line, new Uint8Array(260));

describe('a record', () => {
  test('is read, with digits of either case', () => {
    const expected = { ok: true, type: 0, offset: 0xabcd, data: Uint8Array.of(0xde, 0xad) };
    expect(decode(record(0, 0xabcd, [0xde, 0xad]))).toEqual(expected);
    expect(decode(record(0, 0xabcd, [0xde, 0xad]).toLowerCase())).toEqual(expected);
  });

  test('is that of the specification', () => {
    expect(decode(':00000001FF')).toEqual({ ok: true, type: 1, offset: 0, data: new Uint8Array(0) });
    expect(decode(':02000004FFFFFC')).toMatchObject({ ok: true, type: 4, data: Uint8Array.of(0xff, 0xff) });
    expect(decode(':020000020000FC')).toMatchObject({ ok: true, type: 2 });
  });

  test.each([
    ['no start code', '00000001FF', 'start', 'start code', 1, '"0"'],
    ['a blank before it', ' :00000001FF', 'start', 'start code', 1, 'a byte 20'],
    ['a letter that is no digit', ':0000000GFF', 'digit', 'type', 9, '"G"'],
    ['a blank behind it', ':00000001FF ', 'digit', 'checksum', 12, 'a byte 20'],
    ['two records in one line', ':00000001FF:00000001FF', 'digit', 'data', 12, '":"'],
    ['a lone CR', ':00000001FF\r:00000001FF', 'digit', 'data', 12, 'a byte 0D'],
    ['half a byte too many', ':00000001FF0', 'length', 'line', 13, 'one of 12'],
    ['too few characters', ':000001FF', 'length', 'line', 10, 'one of 9'],
    ['nothing behind the start code', ':', 'length', 'line', 2, 'one of 1'],
    ['more bytes than it says', ':01000000ABCD87', 'length', 'byte count', 2, '15'],
    ['fewer bytes than it says', ':02000000AB53', 'length', 'byte count', 2, '13'],
    ['a wrong checksum', ':00000001FE', 'checksum', 'checksum', 10, 'FE'],
    ['an unknown type', record(6, 0), 'type', 'type', 8, 'type 06'],
    ['a type of Universal Hex', record(0x0d, 0, [1]), 'type', 'type', 8, 'type 0D, of a micro:bit Universal Hex'],
    ['an end record with data', record(1, 0, [0]), 'length', 'byte count', 2, '1'],
    ['half a linear address', record(4, 0, [8]), 'length', 'byte count', 2, '1'],
    ['half a start address', record(5, 0, [8, 0]), 'length', 'byte count', 2, '2'],
    ['half a segment', record(2, 0, [8]), 'length', 'byte count', 2, '1'],
    ['half a start segment', record(3, 0, [8]), 'length', 'byte count', 2, '1'],
    ['a line longer than any record', `:${'0'.repeat(521)}`, 'length', 'line', 522, 'more'],
  ])('with %s is told by rule, field and column', (_, line, rule, field, column, found) => {
    expect(decode(line)).toMatchObject({ ok: false, rule, field, column, found });
  });

  test('of any bytes is no exception', () => {
    const near = fc.uint8Array({ maxLength: 600 }).map((bytes) => Uint8Array.of(0x3a, ...bytes));
    const digits = fc.string({ unit: fc.constantFrom(...'0123456789abcdefABCDEF'), maxLength: 600 });
    fc.assert(fc.property(near, (bytes) => void decode(bytes)));
    fc.assert(fc.property(digits, (text) => void decode(`:${text}`)));
  });

  test('with one bit flipped is refused, unless the digits mean the same', () => {
    const line = record(0, 0x1234, [0, 0x9f, 0xff, 0x45]);
    const right = decode(line);
    for (let bit = 0; bit < line.length * 8; bit++) {
      const bytes = Buffer.from(line, 'latin1');
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const isSame = bytes.toString('latin1').toUpperCase() === line;
      expect([bit, decode(bytes).ok]).toEqual([bit, isSame]);
      if (isSame) expect(decode(bytes)).toEqual(right);
    }
  });
});
