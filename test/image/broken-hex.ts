import type { BrokenFile } from './broken-uf2.ts';

const text = (value: string): Buffer => Buffer.from(value, 'latin1');

/** A record with its checksum. */
function record(type: number, offset: number, ...data: readonly number[]): string {
  const bytes = [data.length, offset >> 8, offset & 0xff, type, ...data];
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  return `:${Buffer.from([...bytes, -sum & 0xff])
    .toString('hex')
    .toUpperCase()}`;
}

const BASE = ':020000040800F2';
const DATA = record(0, 0x10, 1, 2, 3, 4);
const END = ':00000001FF';
const hex = (what: string, lines: readonly string[], place: RegExp, code = 'image-structure'): BrokenFile => {
  return { what, name: 'a.hex', bytes: text(lines.join('\r\n')), code, place };
};

export const BROKEN_HEX: readonly BrokenFile[] = [
  hex('a wrong checksum', [BASE, ':0400100001020304E3', END], /line 2, column 18, checksum/),
  hex('a letter O for a zero', [BASE, ':04O0100001020304E2', END], /line 2, column 4, address/),
  hex('no start code', [BASE, DATA.slice(1), END], /line 2, column 1, start code/),
  hex('half a digit pair missing', [BASE, DATA.slice(0, -1), END], /line 2/),
  hex('more data than it counts', [BASE, `${DATA}00`, END], /line 2, column 2, byte count/),
  hex('less data than it counts', [BASE, DATA.slice(0, -4), END], /line 2, column 2, byte count/),
  hex('an unknown type', [BASE, record(6, 0), END], /line 2, column 8, type/),
  hex(
    'a record of micro:bit Universal Hex',
    [BASE, DATA, record(0x0a, 0, 0x99, 0, 0xde, 0xc0), END],
    /Universal Hex.*line 3/,
  ),
  hex('an address record of one byte', [record(4, 0, 8), DATA, END], /line 1, column 2, byte count/),
  hex('an end record with data', [BASE, DATA, record(1, 0, 0)], /line 3, column 2, byte count/),
  hex('data over the end of 64 KiB', [BASE, record(0, 0xfffe, 1, 2, 3), END], /line 2, column 4, address/),
  hex('other bytes for an address', [BASE, DATA, record(0, 0x12, 9), END], /line 3, column 4, address/),
  hex('no end record', [BASE, DATA, ''], /line 3, column 1, file/, 'image-truncated'),
  hex('cut within a record', [BASE, DATA, DATA.slice(0, 9)], /line 3/),
  hex('two files in one', [BASE, DATA, END, BASE, DATA, END], /line 4, column 1, line/),
  hex('text behind the end', [BASE, DATA, END, 'thanks'], /line 4, column 1, line/),
  hex('no data', [BASE, END], /line 3, column 1, file/, 'image-truncated'),
  hex('a line of 600 characters', [BASE, `:${'0'.repeat(599)}`, END], /line 2, column 522, line/),
  hex('a comment', [BASE, '; made by hand', DATA, END], /line 2, column 1, start code/),
  hex('a byte order mark', [`\xef\xbb\xbf${BASE}`, DATA, END], /line 1, column 1, start code/),
  hex('a blank before a record', [BASE, ` ${DATA}`, END], /line 2, column 1, start code/),
  hex('a zero byte in a record', [BASE, ':04001000010\x00304E2', END], /line 2, column 13, data/),
  { ...hex('UTF-16', [], /line 1/), bytes: Buffer.from([BASE, DATA, END].join('\n'), 'utf16le') },
];

export const WHOLE_HEX: Uint8Array = text([BASE, DATA, END].join('\r\n'));
