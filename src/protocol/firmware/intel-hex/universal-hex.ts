import { createLineSplitter } from './lines.ts';
import { decodeHexRecord, RECORD_MOST_CHARACTERS } from './record.ts';

const [LF, ZERO, LETTER_A, LETTER_E] = [0x0a, 0x30, 0x41, 0x45];
const BLOCK_START = /^(:02000004[0-9A-F]{6}\r?\n)?:0400000A/i;
/** Types 0A to 0E: the beginning and end of a block for one board, what fills it, and data for another board. */
function isOfAddedType(line: Uint8Array): boolean {
  const digit = (line[8] ?? 0) & ~0x20;
  return line[7] === ZERO && digit >= LETTER_A && digit <= LETTER_E;
}
/** A record of no data: it stands for a line that is none of Intel HEX, so that lines are counted as in the file. */
const NOTHING = new TextEncoder().encode(':0000000000\n');

/** Whether a file that begins like this is a micro:bit Universal Hex. */
export function isUniversalHex(head: Uint8Array): boolean {
  return BLOCK_START.test(new TextDecoder('latin1').decode(head.subarray(0, 64)));
}

/** Passes on a Universal Hex as Intel HEX: records of the types that it adds count as empty if they are whole. */
export function createUniversalHexFilter(onLine: (line: Uint8Array) => void): {
  take(chunk: Uint8Array): void;
  finish(): void;
} {
  const memory = new Uint8Array(RECORD_MOST_CHARACTERS);
  // Room for a line that is too long, and its end.
  const copy = new Uint8Array(RECORD_MOST_CHARACTERS + 2);
  return createLineSplitter(RECORD_MOST_CHARACTERS, (line) => {
    if (isOfAddedType(line)) {
      const record = decodeHexRecord(line, memory);
      if (!record.ok && record.rule === 'type') return onLine(NOTHING);
    }
    copy.set(line);
    copy[line.length] = LF;
    onLine(copy.subarray(0, line.length + 1));
  });
}
