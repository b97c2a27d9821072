import { toHex } from '../../hex.ts';
import { createMapBuilder } from '../map-builder.ts';
import type { MemoryMap } from '../memory-map.ts';
import { createHexFindings, type HexFinding } from './findings.ts';
import { createLineSplitter } from './lines.ts';
import { decodeHexRecord, HEX_COLUMN, HEX_TYPE, type HexRecord, RECORD_MOST_CHARACTERS } from './record.ts';
import { type HexStart, textOfStart } from './start-address.ts';

/** What an Intel HEX file holds. */
export interface HexScan {
  readonly sizeBytes: number;
  /** Not to be used if there is a finding that is an error. */
  readonly map: MemoryMap;
  /** `null`: the file does not say. */
  readonly start: HexStart | null;
  /** In the order in which they were met. */
  readonly findings: readonly HexFinding[];
}

/** In bytes, of the file: more than any flash memory that is updated in this way can hold, in 2.8 characters a byte. */
const MOST_BYTES = 128 * 1024 * 1024;
const OFFSETS = 0x10000;

/**
 * Reads an Intel HEX file in one pass: any bytes, in chunks of any size. `expectedBytes`, of the file, may be wrong:
 * memory is planned by it, no more.
 */
export function createHexScanner(expectedBytes: number): { take(chunk: Uint8Array): void; finish(): HexScan } {
  const findings = createHexFindings();
  const builder = createMapBuilder(Math.min(expectedBytes, MOST_BYTES) >>> 2);
  const memory = new Uint8Array(Math.ceil(RECORD_MOST_CHARACTERS / 2));
  let [sizeBytes, line, base, highest, endLine] = [0, 0, 0, 0, 0];
  let start: HexStart | null = null;

  function takeData({ offset, data }: HexRecord): void {
    const place = { line, column: HEX_COLUMN.address, field: 'address' } as const;
    if (offset + data.length > OFFSETS) {
      findings.add('wrap', place, 'data up to offset FFFF', `${data.length} bytes from offset ${toHex(offset, 4)}`);
      return;
    }
    const address = base + offset;
    if (address < highest) findings.add('order', place, 'addresses in ascending order', toHex(address, 8));
    highest = Math.max(highest, address);
    builder.add(address, data, line);
  }

  function takeStart(found: HexStart): void {
    const first = textOfStart(start ?? found);
    if (textOfStart(found) !== first) {
      const place = { line, column: HEX_COLUMN.data, field: 'data' } as const;
      findings.add('start-address', place, `one start address, ${first}`, textOfStart(found));
    }
    start ??= found;
  }

  function takeOther({ type, offset, data }: HexRecord): void {
    if (offset !== 0) {
      const place = { line, column: HEX_COLUMN.address, field: 'address' } as const;
      findings.add('offset', place, `address 0000 in a record of type ${toHex(type, 2)}`, toHex(offset, 4));
    }
    const [a = 0, b = 0, c = 0, d = 0] = data;
    const [upper, lower] = [(a << 8) | b, (c << 8) | d];
    if (type === HEX_TYPE.end) endLine = line;
    else if (type === HEX_TYPE.segment) base = upper * 0x10;
    else if (type === HEX_TYPE.linear) base = upper * OFFSETS;
    else if (type === HEX_TYPE.startLinear) takeStart({ kind: 'linear', address: upper * OFFSETS + lower });
    else takeStart({ kind: 'segment', cs: upper, ip: lower });
  }

  function takeLine(content: Uint8Array): void {
    line++;
    const place = { line, column: 1, field: 'line' } as const;
    if (content.length === 0) {
      if (endLine === 0) findings.add('blank-line', place, 'a record', 'a blank line');
    } else if (endLine > 0) {
      const record = decodeHexRecord(content, memory);
      const found = record.ok && record.type === HEX_TYPE.end ? 'another end record' : 'another line';
      findings.add('after-end', place, `nothing after the end record in line ${endLine}`, found);
    } else {
      const record = decodeHexRecord(content, memory);
      if (!record.ok) {
        const { rule, column, field, expected, found } = record;
        findings.add(rule, { line, column, field }, expected, found);
      } else if (record.type === HEX_TYPE.data) takeData(record);
      else takeOther(record);
    }
  }

  const lines = createLineSplitter(RECORD_MOST_CHARACTERS, takeLine);

  function build(): MemoryMap {
    return builder.build(({ address, first, second, isSame }) => {
      // Whichever begins at the lower address: the later line is the one that is wrong.
      const place = { line: Math.max(first, second), column: HEX_COLUMN.address, field: 'address' } as const;
      const there = `${toHex(address, 8)} in line ${Math.min(first, second)}`;
      if (isSame) findings.add('repeated', place, 'each address once', `${there} and again`);
      else findings.add('overlap', place, `the same bytes as at ${there}`, 'other bytes');
    });
  }

  return {
    take(chunk) {
      sizeBytes += chunk.length;
      if (sizeBytes <= MOST_BYTES) lines.take(chunk);
    },
    finish() {
      lines.finish();
      const map = build();
      const place = { line: line + 1, column: 1, field: 'file' } as const;
      if (sizeBytes > MOST_BYTES) {
        findings.add('size', place, `a file of at most ${MOST_BYTES} bytes`, `${sizeBytes}`);
      } else if (endLine === 0) {
        findings.add('no-end', place, 'an end record, :00000001FF', 'the end of the file');
      }
      if (map.length === 0) findings.add('empty', place, 'a file with data', 'none');
      return { sizeBytes, map, start, findings: findings.list() };
    },
  };
}
