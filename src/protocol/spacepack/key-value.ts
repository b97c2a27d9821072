import { crc32 } from '../checksum.ts';
import type { Parsed } from '../found.ts';
import { toHex } from '../hex.ts';
import { parseVersion, type Version } from '../versions.ts';

/** Largest INFO.TXT or STATUS.TXT, in bytes (protocol §3.2). */
export const TEXT_LIMIT = 4096;
/** Largest trigger, in bytes: one sector (protocol §3.2). */
export const TRIGGER_LIMIT = 512;

const CRC_LINE = /(?:^|\n)CRC32: ([0-9A-Fa-f]{8})\r?\n$/;
const LINE = /^([A-Za-z][A-Za-z0-9-]{0,31}): (.*)$/;

class Malformed extends Error {}

/** Typed access to the fields of one file. Every getter throws what `parseText` reports as malformed. */
export class Fields {
  readonly #values: ReadonlyMap<string, string>;

  constructor(values: ReadonlyMap<string, string>) {
    this.#values = values;
  }

  text(key: string): string {
    const value = this.#values.get(key.toLowerCase());
    if (value === undefined) throw new Malformed(`expected a key ${key}, found none`);
    return value;
  }

  #matching(key: string, pattern: RegExp, form: string, length?: number): string {
    const value = this.text(key);
    if (!pattern.test(value) || (length !== undefined && value.length !== length))
      throw new Malformed(`expected ${key} to be ${form}, found "${value.slice(0, 80)}"`);
    return value;
  }

  count(key: string, most: number = Number.MAX_SAFE_INTEGER): number {
    const value = Number(this.#matching(key, /^(?:0|[1-9]\d{0,15})$/, 'a count'));
    if (value > most) throw new Malformed(`expected ${key} to be at most ${most}, found ${value}`);
    return value;
  }

  name(key: string): string {
    return this.#matching(key, /^[A-Za-z0-9._-]{1,32}$/, 'a name');
  }

  /** Lower-case hexadecimal digits. */
  hex(key: string, digits: number): string {
    return this.#matching(key, /^[0-9A-Fa-f]*$/, `${digits} hexadecimal digits`, digits).toLowerCase();
  }

  version(key: string): Version {
    const version = parseVersion(this.text(key));
    if (version === null)
      throw new Malformed(`expected ${key} to be a version, found "${this.text(key).slice(0, 80)}"`);
    return version;
  }

  oneOf<T extends string>(key: string, values: readonly T[]): T {
    const value = this.text(key);
    const found = values.find((candidate) => candidate === value);
    if (found === undefined) {
      throw new Malformed(`expected ${key} to be one of ${values.join(', ')}, found "${value.slice(0, 80)}"`);
    }
    return found;
  }

  /** `null` where the value is `none`. */
  orNone<T>(key: string, read: (key: string) => T): T | null {
    return this.text(key) === 'none' ? null : read(key);
  }

  /** `null` where what `read` asks for breaks a rule: for fields that no judgement needs. */
  unlessMalformed<T>(read: () => T): T | null {
    try {
      return read();
    } catch (thrown) {
      if (thrown instanceof Malformed) return null;
      throw thrown;
    }
  }

  /** Reports the file as malformed unless the condition holds. */
  require(condition: boolean, expected: string): void {
    if (!condition) throw new Malformed(expected);
  }
}

function splitLines(body: string): Map<string, string> {
  const values = new Map<string, string>();
  const lines = body.split('\n');
  lines.pop();
  for (const [index, raw] of lines.entries()) {
    const match = LINE.exec(raw.endsWith('\r') ? raw.slice(0, -1) : raw);
    const [, key, value] = match ?? [];
    if (key === undefined || value === undefined) {
      throw new Malformed(`expected "Key: value" in line ${index + 1}, found "${raw.trimEnd().slice(0, 80)}"`);
    }
    if (values.has(key.toLowerCase())) throw new Malformed(`expected ${key} once, found it again in line ${index + 1}`);
    values.set(key.toLowerCase(), value);
  }
  return values;
}

/**
 * Reads one text file of the protocol (§3) from any bytes and never throws: `build` makes the value from the fields,
 * and any error of their getters is reported as malformed.
 */
export function parseText<T>(bytes: Uint8Array, limitBytes: number, build: (fields: Fields) => T): Parsed<T> {
  if (bytes.length > limitBytes) {
    return { kind: 'malformed', why: `expected at most ${limitBytes} bytes, found more` };
  }
  // Latin-1 has one character per byte, so positions in the text are positions in the file.
  const text = String.fromCharCode(...bytes);
  const end = CRC_LINE.exec(text);
  if (end === null) return { kind: 'torn', why: 'expected a CRC32 line at the end, found none' };
  const bodyLength = end.index + (end[0].startsWith('\n') ? 1 : 0);
  const expected = Number.parseInt(end[1] ?? '', 16);
  const found = crc32(bytes.subarray(0, bodyLength));
  if (found !== expected) {
    return { kind: 'torn', why: `expected CRC32 ${toHex(expected, 8)}, found ${toHex(found, 8)}` };
  }
  try {
    const body = text.slice(0, bodyLength);
    if (/[^\x20-\x7e\r\n]|\r(?!\n)/.test(body)) throw new Malformed('expected printable ASCII, found another byte');
    const values = splitLines(body);
    if (values.has('crc32')) throw new Malformed('expected CRC32 once, at the end, found it again');
    return { kind: 'intact', value: build(new Fields(values)) };
  } catch (thrown) {
    if (thrown instanceof Malformed) return { kind: 'malformed', why: thrown.message };
    throw thrown;
  }
}

/** Writes a text file: the lines in the given order, LF line ends, and the CRC line (protocol §3.4). */
export function writeText(lines: readonly (readonly [key: string, value: string])[]): Uint8Array {
  const body = lines.map(([key, value]) => `${key}: ${value}\n`).join('');
  const bytes = Uint8Array.from(body, (character) => character.charCodeAt(0));
  const end = `CRC32: ${toHex(crc32(bytes), 8)}\n`;
  return Uint8Array.from(body + end, (character) => character.charCodeAt(0));
}
