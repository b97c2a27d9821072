import { describe, expect, test } from 'vitest';
import { memoryPayload } from '../../src/image/payload.ts';
import { buildPayload, testKeyPair } from '../fake-volume/spacepack/image/build.ts';
import { readImage, readSuffix } from '../fake-volume/spacepack/image/format.ts';
import { fixture, signedRecipe } from './fixtures.ts';
import { checkImage, createImage } from './images.ts';

describe('host and device, which share no code,', () => {
  test('agree on an image that the device side made', async () => {
    const payload = buildPayload({ version: { major: 9, build: 77 }, securityCounter: 3, bcdDevice: 0x0203 });
    const { publicKey } = testKeyPair();
    expect(await checkImage(memoryPayload('device.dfu', payload), { publicKeys: [publicKey] })).toMatchObject({
      version: { major: 9, minor: 0, revision: 0, build: 77 },
      securityCounter: 3,
      hardware: 0x0203,
      signature: 'verified',
    });
  });

  test('agree on an image that the host made', async () => {
    const payload = createImage(signedRecipe);
    const checked = await checkImage(memoryPayload('host.dfu', payload));
    expect(readSuffix(payload)).toEqual({ vendorId: 0x19e7, productId: 0x1111, bcdDevice: 0x0100 });
    expect(readImage(payload.subarray(0, -16))).toMatchObject({
      version: checked.version,
      securityCounter: checked.securityCounter,
      hash: checked.imageHash,
      hashIsRight: true,
      signatures: [{ keyHash: checked.keyHash }],
    });
  });

  test.each(['no-counter.dfu', 'padded.dfu', 'sha512.dfu', 'big-endian.dfu'])('both refuse %s', async (name) => {
    const bytes = fixture(name);
    await expect(checkImage(memoryPayload(name, bytes))).rejects.toMatchObject({ code: 'image-structure' });
    expect(readImage(bytes.subarray(0, -16))).toBeNull();
  });
});
