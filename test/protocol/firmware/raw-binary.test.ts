import { expect, test } from 'vitest';
import { mapOfBinary } from '../../../src/protocol/firmware/raw-binary.ts';

const bytes = Uint8Array.of(1, 2);

test('a binary goes to the address that is given', () => {
  expect(mapOfBinary(bytes, 0x2000)).toEqual({ ok: true, value: [{ address: 0x2000, bytes }] });
  expect(mapOfBinary(bytes, 2 ** 32 - 2)).toMatchObject({ ok: true });
});

test.each([
  ['an empty file', new Uint8Array(0), 0, 'a binary with something in it'],
  ['an address that is not one', bytes, -1, 'an address of 32 bits'],
  ['an address that is too high', bytes, 2 ** 32, 'an address of 32 bits'],
  ['half an address', bytes, 0.5, 'an address of 32 bits'],
  ['no room', bytes, 2 ** 32 - 1, 'at most 1 bytes, as far as addresses go from FFFFFFFF'],
])('is not taken: %s', (_, content, address, expected) => {
  expect(mapOfBinary(content, address)).toMatchObject({ ok: false, expected });
});
