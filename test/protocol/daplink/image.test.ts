import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { binaryFormat, hexFormat } from '../../../src/protocol/daplink/image.ts';
import type { ImageFormat } from '../../../src/protocol/family.ts';

function failedOf(format: ImageFormat, bytes: Uint8Array, chunk = bytes.length || 1): readonly string[] {
  const scanner = format.createScanner(bytes.length, () => createHash('sha256'));
  for (let at = 0; at < bytes.length; at += chunk) scanner.take(bytes.subarray(at, at + chunk));
  const { checks } = scanner.finish([]);
  return checks.filter(({ ok }) => ok === false).map(({ expected, found }) => `${expected}, found ${found}`);
}
const hex = (...lines: readonly string[]): Buffer => Buffer.from(lines.map((line) => `${line}\n`).join(''));
const END = ':00000001FF';

describe('a micro:bit Universal Hex', () => {
  const START = ':0400000A9900C0DEBB';
  const DATA = ':0400000001020304F2';
  const OTHER = ':0400000D05060708D5';
  const good = hex(':020000040000FA', START, DATA, ':0C00000BFFFFFFFFFFFFFFFFFFFFFFFFF5', OTHER, END);

  test('is an image, whatever the size of the pieces', () => {
    expect(hexFormat.recognises(good.subarray(0, 32))).toBe(true);
    expect(failedOf(hexFormat, good)).toEqual([]);
  });

  test('is refused with the line where it is broken', () => {
    const broken = hex(':020000040000FA', START, DATA, OTHER.replace('D5', 'D6'), END);
    expect(failedOf(hexFormat, broken)).toEqual(['checksum D5 in line 4, found D6']);
    expect(failedOf(hexFormat, hex(':020000040000FA', START, DATA, OTHER))[0]).toContain('an end record');
  });

  test('its records are no part of any other HEX', () => {
    expect(failedOf(hexFormat, hex(DATA, OTHER, END))[0]).toContain('in line 2, found type 0D');
  });
});

test('a raw binary begins with a stack pointer in RAM and an odd address', () => {
  const words = (stack: number, reset: number): Buffer => {
    const bytes = Buffer.alloc(64);
    bytes.writeUInt32LE(stack, 0);
    bytes.writeUInt32LE(reset, 4);
    return bytes;
  };
  expect(failedOf(binaryFormat, words(0x2000_4000, 0x1c1), 3)).toEqual([]);
  expect(failedOf(binaryFormat, words(0x0800_4000, 0x1c1))[0]).toContain('no stack pointer');
  expect(failedOf(binaryFormat, words(0x2000_4000, 0x1c0))[0]).toContain('no first instruction');
  expect(failedOf(binaryFormat, Buffer.from('UF2\n'.padEnd(64)))[0]).toContain('UF2');
  expect(failedOf(binaryFormat, Buffer.alloc(7))[0]).toContain('7 bytes');
});
