import { describe, expect, test } from 'vitest';
import type { ImageRecipe } from '../../../../src/protocol/image-facts.ts';
import { ANY_HARDWARE } from '../../../../src/protocol/image-facts.ts';
import { fixture, fixtureKey, signedRecipe, unsignedRecipe } from '../../../image/fixtures.ts';
import { createImage } from '../../../image/images.ts';

describe('createImage', () => {
  test.each<[string, ImageRecipe]>([
    ['unsigned.dfu', unsignedRecipe],
    ['signed.dfu', signedRecipe],
    ['any-hardware.dfu', { ...signedRecipe, hardware: ANY_HARDWARE }],
    ['stranger.dfu', { ...signedRecipe, signingKey: fixtureKey('stranger') }],
    [
      'build-number.dfu',
      {
        ...signedRecipe,
        version: { major: 2, minor: 0, revision: 65_535, build: 4_294_967_295 },
        securityCounter: 4_294_967_295,
        headerSize: 512,
      },
    ],
  ])('makes %s byte for byte as imgtool and dfu-suffix did', (name, recipe) => {
    expect(createImage(recipe)).toEqual(fixture(name));
  });

  test.each<[string, Partial<ImageRecipe>]>([
    ['no application', { application: new Uint8Array(0) }],
    ['an application that is an image already', { application: fixture('signed.bin') }],
    ['an application in Intel HEX', { application: new TextEncoder().encode(':020000040800F2\r\n') }],
    ['a header that its fields do not fit in', { headerSize: 31 }],
    ['a header larger than its field tells', { headerSize: 65_536 }],
    ['a negative counter', { securityCounter: -1 }],
    ['half a counter', { securityCounter: 0.5 }],
    ['a counter of 33 bits', { securityCounter: 2 ** 32 }],
    ['a vendor id of 17 bits', { vendorId: 0x10000 }],
    ['a product id of 17 bits', { productId: 0x10000 }],
    ['a hardware revision of 17 bits', { hardware: 0x10000 }],
    ['a version of 256', { version: { major: 256, minor: 0, revision: 0, build: 0 } }],
    ['no number for a version', { version: { major: 1, minor: Number.NaN, revision: 0, build: 0 } }],
  ])('refuses %s', (_, change) => {
    expect(() => createImage({ ...signedRecipe, ...change })).toThrow(expect.objectContaining({ code: 'usage' }));
  });
});
