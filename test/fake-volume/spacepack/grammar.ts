import { crc32Hex } from './checksum.ts';

/** Keys in lower case, values as stored. */
export type Fields = ReadonlyMap<string, string>;

/** The three cases that a reader tells apart (protocol §3.5). A malformed file still shows the lines that could be read. */
export type TextFile =
  | { readonly kind: 'torn' }
  | { readonly kind: 'malformed'; readonly why: string; readonly fields: Fields }
  | { readonly kind: 'intact'; readonly fields: Fields };

const CRC_LINE = /(?:^|\n)CRC32: ([0-9A-Fa-f]{8})\r?\n$/;
const LINE = /^([A-Za-z][A-Za-z0-9-]{0,31}): ([\x20-\x7e]*)$/;

/** Reads a file of lines `Key: value`. */
export function readText(bytes: Uint8Array, limitBytes: number): TextFile {
  if (bytes.length > limitBytes) {
    return { kind: 'malformed', why: `longer than ${limitBytes} bytes`, fields: new Map() };
  }
  const text = Buffer.from(bytes).toString('latin1');
  const match = CRC_LINE.exec(text);
  if (match === null) return { kind: 'torn' };
  const start = match.index + (match[0].startsWith('\n') ? 1 : 0);
  if (crc32Hex(bytes.subarray(0, start)) !== match[1]?.toUpperCase()) return { kind: 'torn' };
  return readLines(text);
}

function readLines(text: string): TextFile {
  const fields = new Map<string, string>();
  let why: string | null = null;
  for (const line of text.slice(0, -1).split('\n')) {
    const match = LINE.exec(line.endsWith('\r') ? line.slice(0, -1) : line);
    const key = match?.[1]?.toLowerCase();
    if (key === undefined) why ??= 'a line is not "Key: value"';
    else if (fields.has(key)) why ??= `the key ${key} occurs twice`;
    else fields.set(key, match?.[2] ?? '');
  }
  return why === null ? { kind: 'intact', fields } : { kind: 'malformed', why, fields };
}

/** Writes the lines, a `Pad` that fills up to `lengthBytes` if that is given (protocol §3.6), and the CRC line. */
export function writeText(lines: readonly (readonly [key: string, value: string])[], lengthBytes?: number): Uint8Array {
  const body = lines.map(([key, value]) => `${key}: ${value}\r\n`).join('');
  const around = 'Pad: \r\n'.length + 'CRC32: 00000000\r\n'.length;
  const pad = lengthBytes === undefined ? '' : `Pad: ${'.'.repeat(lengthBytes - body.length - around)}\r\n`;
  const covered = Buffer.from(body + pad, 'latin1');
  return Buffer.concat([covered, Buffer.from(`CRC32: ${crc32Hex(covered)}\r\n`, 'latin1')]);
}
