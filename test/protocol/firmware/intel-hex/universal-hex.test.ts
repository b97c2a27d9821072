import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { hexFormat } from '../../../../src/protocol/firmware/intel-hex/format.ts';

function failedOf(bytes: Uint8Array, chunk = bytes.length || 1): readonly string[] {
  const scanner = hexFormat.createScanner(
    bytes.length,
    () => createHash('sha256'),
    () => createHash('md5'),
  );
  for (let at = 0; at < bytes.length; at += chunk) scanner.take(bytes.subarray(at, at + chunk));
  const { checks } = scanner.finish([]);
  return checks.filter(({ ok }) => ok === false).map(({ expected, found }) => `expected ${expected}, found ${found}`);
}
const hex = (...lines: readonly string[]): Buffer => Buffer.from(lines.map((line) => `${line}\n`).join(''));
const END = ':00000001FF';

describe('a micro:bit Universal Hex', () => {
  const START = ':0400000A9900C0DEBB';
  const DATA = ':0400000001020304F2';
  const OTHER = ':0400000D05060708D5';
  const good = hex(':020000040000FA', START, DATA, ':0C00000BFFFFFFFFFFFFFFFFFFFFFFFFF5', OTHER, END);

  test('is an image, whatever the size of the pieces', () => {
    expect(hexFormat.recognises(good.subarray(0, 32))).toBe('yes');
    expect(failedOf(good)).toEqual([]);
    expect(failedOf(good, 64)).toEqual([]);
  });

  test('is refused with the line where it is broken', () => {
    const broken = hex(':020000040000FA', START, DATA, OTHER.replace('D5', 'D6'), END);
    expect(failedOf(broken)).toEqual([expect.stringMatching(/D5.*D6.*line 4/)]);
    expect(failedOf(hex(':020000040000FA', START, DATA, OTHER))[0]).toContain('end');
  });

  test('its records are no part of any other HEX', () => {
    expect(failedOf(hex(DATA, OTHER, END))[0]).toMatch(/0D.*line 2/);
  });
});
