import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createHexScanner } from '../../../../src/protocol/firmware/intel-hex/scan.ts';
import { END, hexOf, record, scanHex } from './a-hex-file.ts';

const range = (address: number, ...bytes: number[]): { address: number; bytes: Uint8Array } => ({
  address,
  bytes: Uint8Array.from(bytes),
});
const DATA = record(0, 0x10, [1, 2]);
const errorsOf = (file: string | Uint8Array): unknown[] =>
  scanHex(file).findings.filter(({ level }) => level === 'error');

describe('a file without faults', () => {
  test.each([
    ['offsets alone', [DATA, END], [range(0x10, 1, 2)]],
    ['linear addresses', [record(4, 0, [0x08, 0x01]), DATA, END], [range(0x08010010, 1, 2)]],
    ['the highest addresses', [record(4, 0, [0xff, 0xff]), record(0, 0xffff, [7]), END], [range(0xffffffff, 7)]],
    ['segments', [record(2, 0, [0x12, 0x34]), DATA, END], [range(0x12350, 1, 2)]],
    [
      'one linear address after another',
      [record(4, 0, [0, 1]), record(0, 0, [1]), record(4, 0, [0, 2]), record(0, 0, [2]), END],
      [range(0x10000, 1), range(0x20000, 2)],
    ],
    [
      'records that touch over 64 KiB',
      [record(0, 0xffff, [1]), record(4, 0, [0, 1]), record(0, 0, [2]), END],
      [range(0xffff, 1, 2)],
    ],
  ])('%s', (_, lines, map) => {
    for (const end of ['\n', '\r\n']) {
      expect(scanHex(lines.join(end))).toMatchObject({ map, findings: [], start: null });
      expect(scanHex(`${lines.join(end)}${end}`)).toMatchObject({ map, findings: [] });
    }
  });

  test('has a start address', () => {
    const linear = scanHex([DATA, record(5, 0, [0x08, 0, 0x01, 0xc1]), END].join('\n'));
    expect(linear).toMatchObject({ start: { kind: 'linear', address: 0x080001c1 }, findings: [] });
    const segment = scanHex([DATA, record(3, 0, [0x12, 0x34, 0x56, 0x78]), END].join('\n'));
    expect(segment).toMatchObject({ start: { kind: 'segment', cs: 0x1234, ip: 0x5678 }, findings: [] });
  });
});

describe('a broken file is refused with its line', () => {
  test.each([
    ['no end record', [DATA], 'no-end', 'file', 2, 1],
    ['a second end record', [DATA, END, END], 'after-end', 'line', 3, 1],
    ['data after the end', [END, DATA], 'after-end', 'line', 2, 1],
    ['no data', [END], 'empty', 'file', 2, 1],
    ['nothing', [], 'empty', 'file', 1, 1],
    ['a record over the end of its 64 KiB', [record(0, 0xffff, [1, 2]), END], 'wrap', 'address', 1, 4],
    ['other bytes for an address', [DATA, record(0, 0x11, [3]), END], 'overlap', 'address', 2, 4],
    ['other bytes from below', [DATA, record(0, 0x0f, [3, 4]), END], 'overlap', 'address', 2, 4],
    ['a wrong checksum', [DATA, ':0100000000FE', END], 'checksum', 'checksum', 2, 12],
    ['text', ['hello', DATA, END], 'start', 'start code', 1, 1],
    ['a digit that is none', [DATA, ':01000O0000FF', END], 'digit', 'address', 2, 7],
    ['a line cut short', [DATA, ':0100', END], 'length', 'line', 2, 6],
    ['a line without an end to it', [DATA, `:${'0'.repeat(5000)}`, END], 'length', 'line', 2, 522],
    ['a custom record', [DATA, record(0x0a, 0, [1, 2, 3, 4]), END], 'type', 'type', 2, 8],
  ])('%s', (_, lines, rule, field, line, column) => {
    expect(errorsOf(lines.join('\r\n'))).toContainEqual(
      expect.objectContaining({ level: 'error', rule, place: { line, column, field } }),
    );
  });

  test('a second end record is called by its name', () => {
    expect(errorsOf([DATA, END, END].join('\n'))).toMatchObject([{ found: 'another end record', more: 0 }]);
  });
});

describe('what is only noted', () => {
  test.each([
    ['addresses out of order', [record(0, 0x20, [3]), DATA, END], 'order', 'address', 2],
    ['the same bytes again', [DATA, DATA, END], 'repeated', 'address', 2],
    ['an offset in a record that has no use for it', [DATA, record(1, 0x100)], 'offset', 'address', 2],
    ['a blank line between records', [DATA, '', END], 'blank-line', 'line', 2],
    [
      'two start addresses',
      [DATA, record(5, 0, [0, 0, 0, 1]), record(5, 0, [0, 0, 0, 2]), END],
      'start-address',
      'data',
      3,
    ],
  ])('%s', (_, lines, rule, field, line) => {
    expect(scanHex(lines.join('\n')).findings).toEqual([
      expect.objectContaining({ level: 'note', rule, place: expect.objectContaining({ line, field }) }),
    ]);
  });

  test('one start address, given twice, is nothing', () => {
    const start = record(5, 0, [0, 0, 0, 1]);
    expect(scanHex([DATA, start, start, END].join('\n')).findings).toEqual([]);
  });
});

const ranges = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 0x2ffff }), fc.uint8Array({ minLength: 1, maxLength: 200 })), {
    minLength: 1,
    maxLength: 5,
  })
  .map((each) => {
    let address = 0x08000000;
    return each.map(([gap, bytes]) => {
      const placed = { address: address + gap, bytes };
      address += gap + bytes.length;
      return placed;
    });
  });
const sizes = fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 4 });

describe('any file', () => {
  test('survives writing and reading, in chunks of any size', () => {
    fc.assert(
      fc.property(ranges, sizes, (written, each) => {
        expect(scanHex(hexOf(written), each)).toMatchObject({ map: written, findings: [] });
      }),
    );
  });

  test('is read without an exception', () => {
    const near = fc.string({ unit: fc.constantFrom(...':0123456789AF\r\n'), maxLength: 400 });
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => void scanHex(bytes)));
    fc.assert(fc.property(near, (text) => void scanHex(text)));
  });

  test('with one character replaced by another is refused with that line', () => {
    const other = fc.constantFrom(...':0123456789ABCDEFG \r\n\0');
    fc.assert(
      fc.property(ranges, fc.nat(), other, (written, at, character) => {
        const whole = hexOf(written);
        // The end of the last line may be missing.
        const index = at % (whole.length - 1);
        fc.pre(whole[index] !== character);
        // Two line ends in a row are a blank line, and "\r\n" is a line end.
        fc.pre(!(character === '\n' && (index === 0 || whole[index - 1] === '\n')));
        const [error] = scanHex(`${whole.slice(0, index)}${character}${whole.slice(index + 1)}`).findings.filter(
          ({ level }) => level === 'error',
        );
        expect(error?.place.line).toBe(whole.slice(0, index).split('\n').length);
      }),
    );
  });

  test('with its records in any order of ranges holds the same', () => {
    fc.assert(
      fc.property(ranges, (written) => {
        const pieces = written.map((each) => hexOf([each]).replace(`${END}\n`, ''));
        const reversed = `${pieces.reverse().join('')}${END}`.replaceAll('\n', '\r\n').toLowerCase();
        const { map, findings } = scanHex(reversed);
        expect(map).toEqual(written);
        expect(findings.every(({ rule }) => rule === 'order')).toBe(true);
      }),
    );
  });

  test('with one bit flipped anywhere is refused, or is the same', () => {
    const whole = Buffer.from(hexOf([range(0xfff8, ...Buffer.from('sixteen and more')), range(0x20000, 1)]), 'latin1');
    const right = scanHex(whole);
    for (let bit = 0; bit < whole.length * 8; bit++) {
      const bytes = Buffer.from(whole);
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      if (errorsOf(bytes).length === 0) expect([bit, scanHex(bytes).map]).toEqual([bit, right.map]);
    }
  });

  test('cut short anywhere is refused, unless only the end of the last line is missing', () => {
    const whole = hexOf([range(0xfff8, ...Buffer.from('sixteen and more'))]);
    for (let length = 0; length < whole.length - 1; length++) {
      expect([length, errorsOf(whole.slice(0, length)).length > 0]).toEqual([length, true]);
    }
  });

  test('however bad it is, gives each finding once, with a count', () => {
    const { findings } = scanHex(`${':0100000000FE\n'.repeat(1000)}${DATA}\n${END}`);
    expect(findings).toMatchObject([{ rule: 'checksum', place: { line: 1 }, more: 999 }]);
  });

  test('that is too large is refused, and no longer looked at', () => {
    const scanner = createHexScanner(0);
    scanner.take(Buffer.from('hello\n'));
    scanner.take(new Uint8Array(128 * 1024 * 1024));
    expect(scanner.finish().findings).toMatchObject([
      { rule: 'start', more: 0 },
      { rule: 'size', found: `${128 * 1024 * 1024 + 6}` },
      { rule: 'empty' },
    ]);
  });
});
