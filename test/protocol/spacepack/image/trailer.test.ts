import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  encodeTlvArea,
  PROTECTED_MAGIC,
  TLV,
  type Tlv,
  UNPROTECTED_MAGIC,
} from '../../../../src/protocol/spacepack/image/tlv.ts';
import { decodeTrailer } from '../../../../src/protocol/spacepack/image/trailer.ts';
import { fixture } from '../../../image/fixtures.ts';

const counter: Tlv = { type: TLV.securityCounter, value: Uint8Array.of(5, 0, 0, 0) };
const hash: Tlv = { type: TLV.sha256, value: new Uint8Array(32).fill(0x11) };
const keyHash: Tlv = { type: TLV.keyHash, value: new Uint8Array(32).fill(0x22) };
const signature: Tlv = { type: TLV.ed25519, value: new Uint8Array(64).fill(0x33) };

function trailer(vouched: readonly Tlv[], rest: readonly Tlv[]): { bytes: Uint8Array; protectedSize: number } {
  const area = encodeTlvArea(PROTECTED_MAGIC, vouched);
  return { bytes: Uint8Array.of(...area, ...encodeTlvArea(UNPROTECTED_MAGIC, rest)), protectedSize: area.length };
}

describe('the TLV areas behind an image', () => {
  test('are read as imgtool wrote them', () => {
    const read = decodeTrailer(fixture('signed.bin').subarray(1032), 12);
    expect(read).toMatchObject({ ok: true, value: { securityCounter: 5, sizeBytes: 12 + 144 } });
    if (!read.ok) throw new Error(read.found);
    expect(Buffer.from(read.value.hash).toString('hex')).toBe(
      'b00586035c9819709369a72cd46dc4ef0d0fae17c2e8d287efdbc0d02768e23f',
    );
  });

  test('pair each signature with the key named before it', () => {
    const { bytes, protectedSize } = trailer([counter], [hash, keyHash, signature, signature]);
    const read = decodeTrailer(bytes, protectedSize);
    if (!read.ok) throw new Error(read.found);
    expect(read.value.signatures.map((one) => one.keyHash)).toEqual(['22'.repeat(32), null]);
  });

  test('may hold entries of other types where they are vouched for', () => {
    const other = { type: 0xa0, value: Uint8Array.of(1, 2, 3) };
    const { bytes, protectedSize } = trailer([other, counter], [hash]);
    expect(decodeTrailer(bytes, protectedSize)).toMatchObject({ ok: true });
    const unvouched = trailer([counter], [other, hash]);
    expect(decodeTrailer(unvouched.bytes, unvouched.protectedSize)).toMatchObject({ ok: false });
  });

  test.each<[string, readonly Tlv[], readonly Tlv[]]>([
    ['no security counter', [], [hash]],
    ['two security counters', [counter, counter], [hash]],
    ['a counter that nothing vouches for', [], [counter, hash]],
    ['a second counter that nothing vouches for', [counter], [counter, hash]],
    ['a counter of 8 bytes', [{ ...counter, value: new Uint8Array(8) }], [hash]],
    ['no hash', [counter], [keyHash, signature]],
    ['two hashes', [counter], [hash, hash]],
    ['a hash of 20 bytes', [counter], [{ ...hash, value: new Uint8Array(20) }]],
    ['a hash within what it is over', [counter, hash], [hash]],
    ['a signature within what it is over', [counter, keyHash, signature], [hash]],
    ['a key hash of 64 bytes', [counter], [hash, { ...keyHash, value: new Uint8Array(64) }]],
    ['a signature of 63 bytes', [counter], [hash, keyHash, { ...signature, value: new Uint8Array(63) }]],
    ['a whole key', [counter], [hash, { type: 0x02, value: new Uint8Array(44) }, signature]],
    ['a SHA-384', [counter], [hash, { type: 0x11, value: new Uint8Array(48) }]],
    ['a signature over the image itself', [counter], [hash, { type: 0x25, value: Uint8Array.of(1) }]],
    ['an encrypted key', [counter], [hash, { type: 0x33, value: new Uint8Array(80) }]],
  ])('are refused with %s', (_, vouched, rest) => {
    const { bytes, protectedSize } = trailer(vouched, rest);
    expect(decodeTrailer(bytes, protectedSize)).toMatchObject({ ok: false });
  });

  test('are refused if the header gives the protected area another size', () => {
    const { bytes, protectedSize } = trailer([counter], [hash]);
    expect(decodeTrailer(bytes, protectedSize + 1)).toMatchObject({ ok: false });
  });

  test('are refused if they end early', () => {
    const { bytes, protectedSize } = trailer([counter], [hash, keyHash, signature]);
    for (let length = 0; length < bytes.length; length++) {
      expect(decodeTrailer(bytes.subarray(0, length), protectedSize)).toMatchObject({ ok: false });
    }
  });

  test('are read from any bytes without an exception', () => {
    const { bytes, protectedSize } = trailer([counter], [hash, keyHash, signature]);
    const changes = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { maxLength: 6 });
    fc.assert(
      fc.property(changes, (list) => {
        const changed = Uint8Array.from(bytes);
        for (const [at, value] of list) changed[at] = value;
        void decodeTrailer(changed, protectedSize);
      }),
    );
    fc.assert(fc.property(fc.uint8Array(), fc.nat(0xffff), (any, size) => void decodeTrailer(any, size)));
  });
});
