import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { crc32Hex } from './checksum.ts';
import { readText, writeText } from './grammar.ts';

/** Text as Latin-1 bytes with a right CRC line behind it. */
function withCrc(text: string, end = '\n'): Uint8Array {
  const bytes = Buffer.from(text, 'latin1');
  return Buffer.concat([bytes, Buffer.from(`CRC32: ${crc32Hex(bytes)}${end}`, 'latin1')]);
}

describe('a text file (protocol §3)', () => {
  test.each<[string, Uint8Array]>([
    ['with LF', withCrc('Key: value\n')],
    ['with CRLF', withCrc('Key: value\r\n', '\r\n')],
    ['with both', withCrc('Key: value\r\nOther: x\n', '\r\n')],
    ['with an empty value', withCrc('Key: \n')],
    ['with a colon in a value', withCrc('Key: a: b\n')],
    ['with a key of 32 bytes', withCrc(`${'K'.repeat(32)}: v\n`)],
    ['with nothing but its CRC', withCrc('')],
    ['with a CRC in lower case', Buffer.from('Key: x\nCRC32: d773a66f\n')],
  ])('%s is intact', (_, bytes) => {
    expect(readText(bytes, 4_096).kind).toBe('intact');
  });

  test.each<[string, Uint8Array]>([
    ['without a CRC line', Buffer.from('Key: value\n')],
    ['with a wrong CRC', Buffer.from('Key: value\nCRC32: 00000000\n')],
    ['without its last line end', withCrc('Key: value\n').subarray(0, -1)],
    ['with a byte behind its end', Buffer.concat([withCrc('Key: value\n'), Buffer.from('\n')])],
    [
      'with a key in other case on its last line',
      Buffer.from(Buffer.from(withCrc('A: 1\n')).toString().replace('CRC32', 'Crc32')),
    ],
    ['that is empty', new Uint8Array()],
  ])('%s is torn', (_, bytes) => {
    expect(readText(bytes, 4_096).kind).toBe('torn');
  });

  test.each<[string, Uint8Array]>([
    ['with a repeated key', withCrc('Key: 1\nKEY: 2\n')],
    ['with a second CRC32', withCrc('crc32: 1\n')],
    ['with an empty line', withCrc('Key: 1\n\n')],
    ['with a byte order mark', withCrc('\u00ef\u00bb\u00bfKey: 1\n')],
    ['with a tab', withCrc('Key: \t1\n')],
    ['with a bare CR', withCrc('Key: 1\rOther: 2\n')],
    ['with two CRs', withCrc('Key: 1\r\r\n')],
    ['without a space behind the colon', withCrc('Key:1\n')],
    ['with a space in a key', withCrc('A key: 1\n')],
    ['with a digit at the start of a key', withCrc('1Key: 1\n')],
    ['with a key of 33 bytes', withCrc(`${'K'.repeat(33)}: v\n`)],
    ['with a byte above 7E', withCrc('Key: \u0080\n')],
  ])('%s is malformed', (_, bytes) => {
    expect(readText(bytes, 4_096).kind).toBe('malformed');
  });

  test('that is longer than allowed is malformed, by one byte', () => {
    const bytes = withCrc('Key: value\n');
    expect(readText(bytes, bytes.length).kind).toBe('intact');
    expect(readText(bytes, bytes.length - 1).kind).toBe('malformed');
  });

  test('of any bytes is read without an exception', () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => ['torn', 'malformed'].includes(readText(bytes, 64).kind)));
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => readText(withCrc(`${text}\n`), 4_096).kind !== 'torn'),
    );
  });

  test('that was written is read as it was, at the length that was asked for', () => {
    const bytes = writeText(
      [
        ['One', 'first'],
        ['Two', ''],
      ],
      256,
    );
    const text = readText(bytes, 4_096);
    expect(bytes.length).toBe(256);
    expect(text.kind === 'intact' && text.fields.get('one')).toBe('first');
    expect(text.kind === 'intact' && text.fields.get('two')).toBe('');
  });
});
