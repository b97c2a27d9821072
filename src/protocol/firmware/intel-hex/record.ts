import { toHex } from '../../hex.ts';

/**
 * The record types of Intel's "Hexadecimal Object File Format Specification", revision A (1988). One for `data` at a 16
 * bit offset, and others that say what the offset is counted from.
 */
export const HEX_TYPE = { data: 0, end: 1, segment: 2, startSegment: 3, linear: 4, startLinear: 5 } as const;

/** A record whose form and checksum are right. */
export interface HexRecord {
  readonly ok: true;
  readonly type: number;
  /** 16 bits; only data records use it. */
  readonly offset: number;
  /** A view of the decoder's `memory`. */
  readonly data: Uint8Array;
}

/** The parts of a record by which a fault is told. */
export type HexField = 'start code' | 'byte count' | 'address' | 'type' | 'data' | 'checksum' | 'line' | 'file';

/** What must hold for each record alone. */
export type HexRecordRule = 'start' | 'digit' | 'length' | 'checksum' | 'type';

/** Why a line is not a record. `column`: the first is 1. */
export interface HexMismatch {
  readonly ok: false;
  readonly rule: HexRecordRule;
  readonly field: HexField;
  readonly column: number;
  readonly expected: string;
  readonly found: string;
}

const COLON = 0x3a;
/** The start code, then byte count, offset, type and checksum. */
const LEAST_CHARACTERS = 1 + 2 * 5;
/** The longest possible line, without its end. */
export const RECORD_MOST_CHARACTERS: number = LEAST_CHARACTERS + 2 * 255;

/** The columns at which the parts begin. */
export const HEX_COLUMN = { start: 1, count: 2, address: 4, type: 8, data: 10 } as const;

/** How many bytes of data each type must have; data records are free. */
const DATA_BYTES: readonly (number | null)[] = [null, 0, 2, 4, 2, 4];

/** The types that micro:bit Universal Hex adds, to hold images for several boards in one file. */
const UNIVERSAL_HEX = { least: 0x0a, most: 0x0e };

const NOT_A_DIGIT = 0xff;
const DIGITS = new Uint8Array(256).fill(NOT_A_DIGIT);
for (const [value, digit] of [...'0123456789ABCDEF'].entries()) {
  DIGITS[digit.charCodeAt(0)] = value;
  DIGITS[digit.toLowerCase().charCodeAt(0)] = value;
}

function describeCharacter(code: number | undefined): string {
  if (code === undefined) return 'the end of the line';
  return code > 0x20 && code < 0x7f ? `"${String.fromCharCode(code)}"` : `a byte ${toHex(code, 2)}`;
}

function fault(rule: HexRecordRule, field: HexField, column: number, expected: string, found: string): HexMismatch {
  return { ok: false, rule, field, column, expected, found };
}

function fieldAt(column: number, characters: number): HexField {
  if (column < HEX_COLUMN.address) return 'byte count';
  if (column < HEX_COLUMN.type) return 'address';
  if (column < HEX_COLUMN.data) return 'type';
  return column < characters - 1 ? 'data' : 'checksum';
}

/** Why a line is not made of pairs of digits behind its start code, or of too few. */
function judgeDigits(line: Uint8Array): HexMismatch {
  const index = line.findIndex((code, at) => at > 0 && DIGITS[code] === NOT_A_DIGIT);
  if (index > 0) {
    const found = describeCharacter(line[index]);
    return fault('digit', fieldAt(index + 1, line.length), index + 1, 'a hexadecimal digit', found);
  }
  const expected = `a record of at least ${LEAST_CHARACTERS} characters, in pairs`;
  return fault('length', 'line', line.length + 1, expected, `one of ${line.length}`);
}

/** A type that is not known, or has data of a size that it cannot have. */
function judgeType(type: number, sizeBytes: number): HexMismatch | null {
  const isUniversal = type >= UNIVERSAL_HEX.least && type <= UNIVERSAL_HEX.most;
  const needed = DATA_BYTES[type];
  if (needed === undefined) {
    const found = `type ${toHex(type, 2)}${isUniversal ? ', of a micro:bit Universal Hex' : ''}`;
    return fault('type', 'type', HEX_COLUMN.type, 'a record type from 00 to 05', found);
  }
  if (needed === null || needed === sizeBytes) return null;
  const expected = `${needed} bytes in a record of type ${toHex(type, 2)}`;
  return fault('length', 'byte count', HEX_COLUMN.count, expected, `${sizeBytes}`);
}

/** Decodes a line without its end. `memory`, for the bytes of the record, has room for 260. Does not throw. */
export function decodeHexRecord(line: Uint8Array, memory: Uint8Array): HexRecord | HexMismatch {
  if (line[0] !== COLON) {
    return fault('start', 'start code', 1, 'a record that begins with ":"', describeCharacter(line[0]));
  }
  if (line.length > RECORD_MOST_CHARACTERS) {
    const expected = `at most ${RECORD_MOST_CHARACTERS} characters in a line`;
    return fault('length', 'line', RECORD_MOST_CHARACTERS + 1, expected, 'more');
  }
  const total = (line.length - 1) >> 1;
  let sum = 0;
  for (let index = 0; index < total; index++) {
    const high = DIGITS[line[2 * index + 1] ?? 0] ?? NOT_A_DIGIT;
    const low = DIGITS[line[2 * index + 2] ?? 0] ?? NOT_A_DIGIT;
    if ((high | low) >= NOT_A_DIGIT) return judgeDigits(line);
    memory[index] = (high << 4) | low;
    sum += (high << 4) | low;
  }
  if (line.length < LEAST_CHARACTERS || line.length % 2 === 0) return judgeDigits(line);
  const count = memory[0] ?? 0;
  const type = memory[3] ?? 0;
  const characters = LEAST_CHARACTERS + 2 * count;
  if (line.length !== characters) {
    const expected = `${characters} characters in a record of ${count} bytes`;
    return fault('length', 'byte count', HEX_COLUMN.count, expected, `${line.length}`);
  }
  if (sum % 256 !== 0) {
    const given = memory[total - 1] ?? 0;
    const right = (given - sum) & 0xff;
    return fault('checksum', 'checksum', line.length - 1, `checksum ${toHex(right, 2)}`, toHex(given, 2));
  }
  const data = memory.subarray(4, total - 1);
  const offset = ((memory[1] ?? 0) << 8) | (memory[2] ?? 0);
  return judgeType(type, count) ?? { ok: true, type, offset, data };
}
