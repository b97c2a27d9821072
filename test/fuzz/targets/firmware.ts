import { createHash } from 'node:crypto';
import { createHexScanner } from '../../../src/protocol/firmware/intel-hex/scan.ts';
import { endOfRange, type MemoryMap } from '../../../src/protocol/firmware/memory-map.ts';
import { mapOfBinary } from '../../../src/protocol/firmware/raw-binary.ts';
import { createUf2 } from '../../../src/protocol/uf2/create.ts';
import { decodeUf2Block } from '../../../src/protocol/uf2/decode-block.ts';
import { encodeUf2Block } from '../../../src/protocol/uf2/encode-block.ts';
import { createUf2Scanner, type Uf2Scan } from '../../../src/protocol/uf2/scan.ts';
import {
  bytesOf,
  kindOfSentence,
  promise,
  requireCount,
  requireEqual,
  requirePrintable,
  type Target,
} from '../target.ts';

const md5 = (bytes: Uint8Array): Uint8Array => createHash('md5').update(bytes).digest();
const APPLICATION = Uint8Array.from({ length: 600 }, (_, index) => 7 * index);

function requireMap(map: MemoryMap): void {
  for (const [index, range] of map.entries()) {
    const next = map[index + 1]?.address ?? 2 ** 32 + 1;
    promise(
      range.bytes.length > 0 && endOfRange(range) < next,
      () => `a map: found ${endOfRange(range)} before ${next}`,
    );
  }
}

interface Told {
  readonly findings: readonly { readonly level: string; readonly rule: string; readonly expected: string }[];
}

/** The first error, else the first note: all sets of them would be too many. */
function kindOf({ findings }: Told): string {
  const { rule, expected } = findings.find(({ level }) => level === 'error') ??
    findings[0] ?? { rule: '', expected: '' };
  return `${rule} ${kindOfSentence(expected)}`;
}

function isRefused({ findings }: Told): boolean {
  return findings.some(({ level }) => level === 'error');
}

function scanUf2(bytes: Uint8Array): Uf2Scan {
  const scanner = createUf2Scanner(bytes.length, md5);
  scanner.take(bytes);
  return scanner.finish();
}

/** What a map becomes as UF2 and is read again, all of it. */
function requireRoundTrip(map: MemoryMap): void {
  const { images, findings } = scanUf2(createUf2(map, { familyId: 1, filler: 0xff, sectorBytes: 256 }));
  requireEqual(findings, [], 'a file of our own');
  const isThere = (range: MemoryMap[number]): boolean =>
    images.some((image) =>
      image.map.some((each) => each.address <= range.address && endOfRange(each) >= endOfRange(range)),
    );
  promise(map.every(isThere), () => 'a file of our own: expected all ranges, found fewer');
}

const hex: Target = {
  name: 'intel-hex',
  words: [':00000001FF', ':020000040800F2', ':0400000508000000EF', '\r\n', '\n', ':', '00', 'FF'],
  seeds: () => [
    bytesOf(':020000040800F2\n:0400100001020304E2\n:00000001FF\n'),
    bytesOf(':020000021000EC\r\n:01FFFF0007FA\r\n:0400000508000000EF\r\n:00000001FF\r\n'),
  ],
  /** With right checksums, as far as lines are made of digits. */
  repaired: (bytes) => {
    const lines = Buffer.from(bytes).toString('latin1').split('\n');
    const mended = lines.map((line) => {
      const [, digits = '', end = ''] = /^:((?:[0-9A-Fa-f]{2})+)[0-9A-Fa-f]{2}(\r?)$/.exec(line) ?? [];
      if (digits === '') return line;
      const sum = Buffer.from(digits, 'hex').reduce((total, byte) => total + byte, 0);
      return `:${digits}${Buffer.of(-sum & 0xff)
        .toString('hex')
        .toUpperCase()}${end}`;
    });
    return Buffer.from(mended.join('\n'), 'latin1');
  },
  run(bytes) {
    const scanner = createHexScanner(bytes.length);
    scanner.take(bytes);
    const scan = scanner.finish();
    requireMap(scan.map);
    for (const { expected, found, place } of scan.findings) {
      requirePrintable(`${expected}${found}`, 'a finding');
      requireCount(place.line - 1, 'a line');
      requireCount(place.column - 1, 'a column');
    }
    if (!isRefused(scan)) requireRoundTrip(scan.map);
    return kindOf(scan);
  },
};

const uf2: Target = {
  name: 'uf2',
  words: [
    ...['UF2\n\x57\x51\x5d\x9e', '\x30\x6f\xb1\x0a', '\x00\x20\x00\x00', '\x00\x60\x00\x00', '\x00\xa0\x00\x00'],
    ...[
      '\x00\x10\x00\x00',
      '\x00\x01\x00\x00',
      '\x00\x00\x00\x00',
      '\x01\x00\x00\x00',
      '\x09\xbc\xc7\x9f1.2.3\x00\x00\x00',
    ],
  ],
  seeds: () => {
    const map = mapOfBinary(APPLICATION, 0x2000);
    const file = createUf2(map.ok ? map.value : [], { familyId: 1, filler: 0, sectorBytes: 256 });
    const block = decodeUf2Block(file);
    if (!block.ok) return [file];
    const { payload, ...rest } = block.value;
    const md5Region = { start: 0x2000, end: 0x2100, md5: md5(payload) };
    const tags = [{ type: 0x9fc7bc, value: bytesOf('1.2.3') }];
    const piece = { kind: 'file', familyId: null, fileSize: 256, fileName: 'a.txt', address: 0 } as const;
    return [
      file,
      encodeUf2Block({ ...rest, payload, count: 1, md5Region, tags }),
      encodeUf2Block({ ...rest, payload, count: 1, ...piece }),
    ];
  },
  cost: 4,
  run(buffer) {
    // Not a Buffer, which is written as JSON in a way of its own.
    const bytes = new Uint8Array(buffer);
    const scan = scanUf2(bytes);
    for (const { map } of [...scan.images, ...scan.files]) requireMap(map);
    for (const { place } of scan.findings) requireCount(place.block, 'a block');
    const block = decodeUf2Block(bytes);
    if (block.ok && block.value.md5Region === null && block.value.tags.length === 0) {
      requireEqual(decodeUf2Block(encodeUf2Block(block.value)), block, 'a block and what is written of it');
    }
    for (const { map } of isRefused(scan) ? [] : scan.images) requireRoundTrip(map);
    return kindOf(scan);
  },
};

/** Files of firmware that several families share. */
export const FIRMWARE: readonly Target[] = [hex, uf2];
