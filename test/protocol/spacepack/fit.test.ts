import { crc32 } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { ImageFacts } from '../../../src/protocol/image-facts.ts';
import { spacepack } from '../../../src/protocol/spacepack/family.ts';
import { checkFit } from '../../../src/protocol/spacepack/fit.ts';
import { imageFormat } from '../../../src/protocol/spacepack/image/format.ts';
import { type Info, type InfoDetails, parseInfo } from '../../../src/protocol/spacepack/info.ts';
import { requireVersion } from '../../../src/protocol/versions.ts';
import { altered } from './examples.ts';

const image: ImageFacts = {
  sizeBytes: 262_160,
  crc32: 0,
  sha256: 'c3'.repeat(32),
  format: imageFormat.name,
  imageHash: 'a1'.repeat(32),
  version: requireVersion('1.1.0'),
  securityCounter: 1,
  vendorId: 0x19e7,
  productId: 0x1111,
  hardware: 0xffff,
  own: null,
};

function infoWith(changes: Record<string, string>): { info: Info; details: InfoDetails } {
  const parsed = parseInfo(altered('12.1', changes, crc32));
  if (parsed.kind !== 'intact' || parsed.value.details === null) throw new Error('the example is intact');
  return { info: parsed.value, details: parsed.value.details };
}

function fits(changes: Partial<ImageFacts>, device: Record<string, string> = {}, allowDowngrade = false): string {
  const { info, details } = infoWith(device);
  try {
    return checkFit({ ...image, ...changes }, info, details, spacepack, allowDowngrade);
  } catch (thrown) {
    return (thrown as { code: string }).code;
  }
}

const BOOTLOADER = { Mode: 'bootloader', Version: 'none', Image: 'none' };

describe('whether an image fits a device', () => {
  test.each<[string, Partial<ImageFacts>, string]>([
    ['a newer one', {}, 'fits'],
    ['for exactly this hardware', { hardware: 0x0100 }, 'fits'],
    ['for other hardware', { hardware: 0x0200 }, 'image-wrong-hardware'],
    ['for another vendor', { vendorId: 0x0781 }, 'image-wrong-device'],
    ['for another product', { productId: 0x2222 }, 'image-wrong-device'],
    ['as large as may be', { sizeBytes: 16_777_216 }, 'fits'],
    ['one byte too large', { sizeBytes: 16_777_217 }, 'image-too-large'],
    ['the security counter at the floor', { securityCounter: 1 }, 'fits'],
    ['the security counter below the floor', { securityCounter: 0 }, 'image-rollback'],
    ['an older version', { version: requireVersion('0.9.9') }, 'image-downgrade'],
    ['the same version, built anew', { version: requireVersion('1.0.0') }, 'fits'],
    ['the image that runs', { version: requireVersion('1.0.0'), imageHash: '5d'.repeat(32) }, 'current'],
  ])('%s', (_, changes, expected) => {
    expect(fits(changes)).toBe(expected);
  });

  test('an older version is allowed with --allow-downgrade, but never below the security floor', () => {
    expect(fits({ version: requireVersion('0.9.9') }, {}, true)).toBe('fits');
    expect(fits({ version: requireVersion('0.9.9'), securityCounter: 0 }, {}, true)).toBe('image-rollback');
  });

  test('a device in its bootloader takes any version', () => {
    expect(fits({ version: requireVersion('0.1.0') }, BOOTLOADER)).toBe('fits');
  });

  test('a battery below the minimum is refused, unless the image runs already', () => {
    expect(fits({}, { Battery: '29' })).toBe('battery-low');
    expect(fits({}, { Battery: '30' })).toBe('fits');
    expect(fits({ imageHash: '5d'.repeat(32) }, { Battery: '1' })).toBe('current');
  });
});
