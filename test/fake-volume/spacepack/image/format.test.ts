import { createPublicKey, verify } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sha256Hex } from '../checksum.ts';
import { withFlippedBit } from '../flip.ts';
import { addSuffix, buildImage, buildPayload, testKeyPair } from './build.ts';
import { readImage, readSuffix } from './format.ts';

describe('an image that was built', () => {
  test('is read as it was asked for (protocol §8.2)', () => {
    const image = buildImage({ version: { major: 3, minor: 4, revision: 500, build: 70_000 }, securityCounter: 9 });
    expect(readImage(image)).toMatchObject({
      version: { major: 3, minor: 4, revision: 500, build: 70_000 },
      securityCounter: 9,
      hashIsRight: true,
    });
  });

  test('is signed over the 32 bytes of its SHA-256 by the key that it names', () => {
    const facts = readImage(buildImage());
    const key = createPublicKey(testKeyPair().publicKey);
    const [signature, ...more] = facts?.signatures ?? [];
    expect([signature?.keyHash, more]).toEqual([sha256Hex(key.export({ format: 'der', type: 'spki' })), []]);
    expect(verify(null, Buffer.from(facts?.hash ?? '', 'hex'), key, signature?.value ?? Buffer.alloc(0))).toBe(true);
  });

  test('is the same for the same options', () => {
    expect(sha256Hex(buildPayload())).toBe(sha256Hex(buildPayload()));
    expect(testKeyPair('a')).not.toEqual(testKeyPair('b'));
  });

  test('is none of ours with a flag in its header', () => {
    for (const at of [16, 17, 18, 19]) {
      const image = Buffer.from(buildImage());
      image[at] = 1;
      expect(readImage(image)).toBeNull();
    }
  });

  test('is not believed with a flipped bit, nor cut, nor with a byte behind it', () => {
    const image = Buffer.from(buildImage());
    expect(readImage(withFlippedBit(image))?.hashIsRight).toBe(false);
    expect(readImage(image.subarray(0, -1))).toBeNull();
    expect(readImage(Buffer.concat([image, Buffer.alloc(1)]))).toBeNull();
    expect(readImage(new Uint8Array())).toBeNull();
  });
});

describe('a DFU suffix', () => {
  test('is read from the end (protocol §8.3)', () => {
    const payload = addSuffix(Buffer.from('anything'), { vendorId: 1, productId: 2, bcdDevice: 3 });
    expect(readSuffix(payload)).toEqual({ vendorId: 1, productId: 2, bcdDevice: 3 });
    expect(Buffer.from(payload.subarray(-8)).toString('latin1', 0, 4)).toBe('UFD\u0010');
  });

  test.each([1, 5, 6, 8, 11, 12, 16, 20])('is not believed with another byte %i before the end', (fromEnd) => {
    const payload = Buffer.from(addSuffix(Buffer.from('anything')));
    payload[payload.length - fromEnd] = (payload[payload.length - fromEnd] ?? 0) ^ 0x40;
    expect(readSuffix(payload)).toBeNull();
  });
});

test('any bytes are read without an exception', () => {
  const image = buildImage({ code: Buffer.alloc(40) });
  fc.assert(
    fc.property(fc.nat(image.length - 1), fc.nat(255), (at, value) => {
      const changed = Buffer.from(image);
      changed[at] = value;
      const facts = readImage(changed);
      return facts === null || !facts.hashIsRight || Buffer.compare(changed, image) === 0 || at >= image.length - 152;
    }),
    { numRuns: 2_000 },
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => readImage(bytes) === null && readSuffix(bytes) === null),
  );
});
