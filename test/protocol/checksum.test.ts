import { crc32 as zlibCrc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { crc32 } from '../../src/protocol/checksum.ts';
import { dfuCrcOf } from '../../src/protocol/firmware/dfu-suffix.ts';

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('crc32', () => {
  test('has the check value of the protocol', () => {
    expect(crc32(ascii('123456789'))).toBe(0xcbf43926);
    expect(crc32(ascii(''))).toBe(0);
  });

  test('is what zlib computes, and never negative', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => {
        expect(crc32(bytes)).toBe(zlibCrc32(bytes));
      }),
    );
  });

  test('continues where another piece ended', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.uint8Array({ maxLength: 100 }), (first, second) => {
        expect(crc32(second, crc32(first))).toBe(crc32(Uint8Array.of(...first, ...second)));
      }),
    );
  });
});

describe('dfuCrcOf', () => {
  test('leaves out the final inversion', () => {
    // CRC-32/JAMCRC, the catalogue's name for it.
    expect(dfuCrcOf(crc32(ascii('123456789')))).toBe(0x340bc6d9);
  });
});
