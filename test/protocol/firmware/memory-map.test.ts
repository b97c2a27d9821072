import { describe, expect, test } from 'vitest';
import { bytesAt, holesOf, type MemoryMap, sizeOfMap } from '../../../src/protocol/firmware/memory-map.ts';

const map: MemoryMap = [
  { address: 0x10, bytes: Uint8Array.of(1, 2, 3, 4) },
  { address: 0x20, bytes: Uint8Array.of(5, 6) },
  { address: 0x30, bytes: Uint8Array.of(7) },
];

test('sizeOfMap counts bytes, not addresses', () => {
  expect(sizeOfMap(map)).toBe(7);
  expect(sizeOfMap([])).toBe(0);
});

test('holesOf gives what lies between the ranges', () => {
  expect(holesOf(map)).toEqual([
    { start: 0x14, end: 0x20 },
    { start: 0x22, end: 0x30 },
  ]);
  expect(holesOf([])).toEqual([]);
});

describe('bytesAt', () => {
  test.each([
    ['a whole range', 0x10, 0x14, [1, 2, 3, 4]],
    ['a part of one', 0x11, 0x13, [2, 3]],
    ['the last byte', 0x30, 0x31, [7]],
    ['one byte too many behind', 0x10, 0x15, null],
    ['one byte too many before', 0x0f, 0x12, null],
    ['a hole', 0x14, 0x16, null],
    ['two ranges and their hole', 0x13, 0x21, null],
    ['what is beyond the map', 0x31, 0x32, null],
  ])('%s', (_, start, end, bytes) => {
    expect(bytesAt(map, { start, end })).toEqual(bytes === null ? null : Uint8Array.from(bytes));
  });
});
