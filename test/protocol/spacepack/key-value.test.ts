import { crc32 as zlibCrc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Fields, parseText, TEXT_LIMIT, writeText } from '../../../src/protocol/spacepack/key-value.ts';

const bytesOf = (text: string): Uint8Array => Buffer.from(text, 'latin1');

function signed(body: string, end = '\n'): Uint8Array {
  const crc = zlibCrc32(Buffer.from(body, 'latin1')).toString(16).toUpperCase().padStart(8, '0');
  return bytesOf(`${body}CRC32: ${crc}${end}`);
}

const kindOf = (bytes: Uint8Array): string => parseText(bytes, TEXT_LIMIT, () => true).kind;

describe('a text file is intact, torn or malformed (protocol §3.5)', () => {
  test.each([
    ['one line', signed('Key: value\n')],
    ['CRLF ends', signed('Key: value\r\nOther: x\r\n', '\r\n')],
    ['mixed ends', signed('Key: value\r\nOther: x\n')],
    ['an empty value', signed('Key: \n')],
    [
      'a lower-case CRC',
      bytesOf(
        Buffer.from(signed('A: b\n'))
          .toString('latin1')
          .replace(/[A-F]+(?=\n$)/, (x) => x.toLowerCase()),
      ),
    ],
    ['nothing but the CRC line', signed('')],
    ['exactly the largest size', signed(`Pad: ${'.'.repeat(TEXT_LIMIT - 6 - 16)}\n`)],
  ])('intact: %s', (_, bytes) => {
    expect(kindOf(bytes)).toBe('intact');
  });

  test.each([
    ['empty', bytesOf('')],
    ['no CRC line', bytesOf('Key: value\n')],
    ['a CRC line that is cut', signed('Key: value\n').slice(0, -2)],
    ['a CRC line without an end', signed('Key: value\n').slice(0, -1)],
    ['a wrong CRC', bytesOf('Key: value\nCRC32: 00000000\n')],
    ['bytes after the CRC line', Buffer.concat([signed('Key: value\n'), bytesOf('x')])],
    ['zeros from a sector that has not arrived', Buffer.alloc(512)],
  ])('torn: %s', (_, bytes) => {
    expect(kindOf(bytes)).toBe('torn');
  });

  test.each([
    ['a repeated key', signed('Key: a\nKEY: b\n')],
    ['a byte order mark', signed('\u00ef\u00bb\u00bfKey: a\n')],
    ['a bare CR', signed('Key: a\rb\n')],
    ['a tab', signed('Key:\ta\n')],
    ['no space after the colon', signed('Key:a\n')],
    ['an empty line', signed('Key: a\n\n')],
    ['a key of 33 bytes', signed(`${'k'.repeat(33)}: a\n`)],
    ['a control character', signed('Key: \u001b[31m\n')],
    ['a byte above 7E', signed('Key: \u00e9\n')],
    ['a second CRC32 key', signed('crc32: 00000000\nKey: a\n')],
    ['one byte too many', signed(`Pad: ${'.'.repeat(TEXT_LIMIT - 5 - 16)}\n`)],
  ])('malformed: %s', (_, bytes) => {
    expect(kindOf(bytes)).toBe('malformed');
  });

  test('any bytes are read without an exception', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5000 }), (bytes) => {
        expect(['torn', 'malformed']).toContain(kindOf(bytes));
      }),
    );
  });

  test('what is written is read back, and every cut of it is torn', () => {
    const key = fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,20}$/).filter((text) => text.toLowerCase() !== 'crc32');
    const value = fc.stringMatching(/^[\x20-\x7e]{0,40}$/);
    const lines = fc.uniqueArray(fc.tuple(key, value), { maxLength: 8, selector: ([text]) => text.toLowerCase() });
    fc.assert(
      fc.property(lines, fc.nat(), (entries, cut) => {
        const bytes = writeText(entries);
        const parsed = parseText(bytes, TEXT_LIMIT, (fields) =>
          entries.map(([name]) => fields.text(name.toUpperCase())),
        );
        expect(parsed).toEqual({ kind: 'intact', value: entries.map(([, text]) => text) });
        expect(kindOf(bytes.slice(0, cut % bytes.length))).toBe('torn');
      }),
    );
  });
});

describe('typed fields', () => {
  const read = <T>(value: string, get: (fields: Fields) => T): T | string => {
    const parsed = parseText(signed(`Key: ${value}\n`), TEXT_LIMIT, get);
    return parsed.kind === 'intact' ? parsed.value : parsed.kind;
  };

  test.each([
    ['0', 0],
    ['9007199254740991', 9_007_199_254_740_991],
    ['9007199254740992', 'malformed'],
    ['007', 'malformed'],
    ['-1', 'malformed'],
    ['1e3', 'malformed'],
    ['', 'malformed'],
  ])('the count "%s"', (text, expected) => {
    expect(read(text, (fields) => fields.count('Key'))).toBe(expected);
  });

  test.each([
    ['SP-0042_a.b', 'SP-0042_a.b'],
    ['', 'malformed'],
    ['../../etc', 'malformed'],
    ['x'.repeat(33), 'malformed'],
  ])('the name "%s"', (text, expected) => {
    expect(read(text, (fields) => fields.name('Key'))).toBe(expected);
  });

  test('hexadecimal digits are given in lower case', () => {
    expect(read('ABCDEF01', (fields) => fields.hex('Key', 8))).toBe('abcdef01');
    expect(read('ABCDEF0', (fields) => fields.hex('Key', 8))).toBe('malformed');
  });

  test('a key that is missing makes the file malformed', () => {
    expect(read('x', (fields) => fields.text('Other'))).toBe('malformed');
  });
});
