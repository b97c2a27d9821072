import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createMapBuilder, type Overlap } from '../../../src/protocol/firmware/map-builder.ts';
import type { MemoryMap } from '../../../src/protocol/firmware/memory-map.ts';

type Piece = readonly [address: number, bytes: readonly number[]];

function build(pieces: readonly Piece[], expectedBytes = 0): { map: MemoryMap; overlaps: Overlap[] } {
  const builder = createMapBuilder(expectedBytes);
  for (const [index, [address, bytes]] of pieces.entries()) builder.add(address, Uint8Array.from(bytes), index);
  const overlaps: Overlap[] = [];
  return { map: builder.build((overlap) => overlaps.push(overlap)), overlaps };
}

describe('a map of addresses', () => {
  test.each<[string, Piece[], Piece[]]>([
    ['nothing', [], []],
    [
      'pieces that touch are one range',
      [
        [4, [1, 2]],
        [6, [3]],
      ],
      [[4, [1, 2, 3]]],
    ],
    [
      'a hole divides two ranges',
      [
        [4, [1]],
        [6, [2]],
      ],
      [
        [4, [1]],
        [6, [2]],
      ],
    ],
    [
      'pieces in any order',
      [
        [6, [3]],
        [9, [9]],
        [4, [1, 2]],
      ],
      [
        [4, [1, 2, 3]],
        [9, [9]],
      ],
    ],
    [
      'an empty piece is no piece',
      [
        [4, []],
        [6, [1]],
      ],
      [[6, [1]]],
    ],
    ['the end of the address space', [[2 ** 32 - 2, [1, 2]]], [[2 ** 32 - 2, [1, 2]]]],
  ])('%s', (_, pieces, ranges) => {
    const expected = ranges.map(([address, bytes]) => ({ address, bytes: Uint8Array.from(bytes) }));
    expect(build(pieces)).toEqual({ map: expected, overlaps: [] });
  });

  test.each<[string, Piece[], Overlap[]]>([
    [
      'the same bytes again',
      [
        [4, [1, 2]],
        [4, [1, 2]],
      ],
      [{ address: 4, first: 0, second: 1, isSame: true }],
    ],
    [
      'the first that differs',
      [
        [4, [1, 2]],
        [4, [1, 3]],
      ],
      [{ address: 5, first: 0, second: 1, isSame: false }],
    ],
    [
      'a later piece that begins lower',
      [
        [4, [1, 2]],
        [2, [8, 9, 7]],
      ],
      [{ address: 4, first: 0, second: 1, isSame: false }],
    ],
    [
      'the piece in a row of pieces',
      [
        [4, [1]],
        [5, [2]],
        [6, [3]],
        [5, [9]],
      ],
      [{ address: 5, first: 1, second: 3, isSame: false }],
    ],
    [
      'a piece inside another',
      [
        [0, [1, 2, 3, 4]],
        [1, [2]],
        [3, [5]],
      ],
      [
        { address: 1, first: 0, second: 1, isSame: true },
        { address: 3, first: 0, second: 2, isSame: false },
      ],
    ],
  ])('tells overlaps: %s', (_, pieces, overlaps) => {
    expect(build(pieces).overlaps).toEqual(overlaps);
  });

  const piece = fc.tuple(fc.nat(60), fc.array(fc.constantFrom(0, 1), { maxLength: 6 }));
  const pieces = fc.array(piece, { maxLength: 12 });

  test('is what writing byte by byte makes, and overlaps that differ are told', () => {
    fc.assert(
      fc.property(pieces, fc.nat(40), (each, expectedBytes) => {
        const cells = new Map<number, number>();
        let [differs, repeats] = [false, false];
        for (const [address, bytes] of each) {
          for (const [index, byte] of bytes.entries()) {
            const there = cells.get(address + index);
            differs ||= there !== undefined && there !== byte;
            repeats ||= there !== undefined;
            cells.set(address + index, byte);
          }
        }
        const { map, overlaps } = build(each, expectedBytes);
        expect(overlaps.some(({ isSame }) => !isSame)).toBe(differs);
        expect(overlaps.length > 0).toBe(repeats);
        const built = map.flatMap(({ address, bytes }) => Array.from(bytes, (byte, index) => [address + index, byte]));
        if (!differs) expect(built).toEqual([...cells].sort(([one], [other]) => one - other));
        for (const [index, { address }] of map.slice(1).entries()) {
          const before = map[index];
          expect(address).toBeGreaterThan((before?.address ?? 0) + (before?.bytes.length ?? 0));
        }
      }),
    );
  });

  test('tells overlaps by the numbers that were given, also if some are left out', () => {
    const builder = createMapBuilder();
    for (const [address, source] of [
      [0, 3],
      [1, 7],
      [2, 8],
      [2, 20],
    ] as const)
      builder.add(address, Uint8Array.of(source), source);
    const overlaps: Overlap[] = [];
    builder.build((overlap) => overlaps.push(overlap));
    expect(overlaps).toEqual([{ address: 2, first: 8, second: 20, isSame: false }]);
  });

  test('holds copies: the caller may use its memory again', () => {
    const builder = createMapBuilder();
    const bytes = Uint8Array.of(1, 2);
    builder.add(0, bytes, 0);
    bytes.fill(9);
    expect(builder.build(() => undefined)).toEqual([{ address: 0, bytes: Uint8Array.of(1, 2) }]);
  });
});
