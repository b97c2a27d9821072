import { expect, test } from 'vitest';
import { requireDescribed, shareOf } from '../../src/channel/release-image.ts';
import { memoryPayload } from '../../src/image/payload.ts';
import { FAMILIES } from '../../src/protocol/families.ts';
import type { CheckedImage } from '../../src/protocol/image-facts.ts';
import { toy } from '../families/toy.ts';
import { checkImage } from '../image/images.ts';
import { imageOf } from './a-channel.ts';

const image = await checkImage(memoryPayload('image', imageOf({ version: '1.1.0' })));
const extras = { name: 'a.dfu', minBatteryPercent: 0, notes: '', rolloutPercent: 100, paused: false };
const release = { ...shareOf(image, FAMILIES), ...extras };
const untold: CheckedImage = { ...image, version: null };

test('an image that tells no version makes no release, and is none', () => {
  expect(() => shareOf(untold, FAMILIES)).toThrow(expect.objectContaining({ code: 'usage' }));
  expect(() => requireDescribed(untold, release, FAMILIES)).toThrow(
    expect.objectContaining({ code: 'channel-malformed' }),
  );
});

test('an image is for a family that takes its format, whatever ids it names', () => {
  const families = [...FAMILIES, { ...toy, isKnownByFiles: true }];
  expect(shareOf(image, families).product).toBe('spacepack');
  expect(shareOf({ ...image, format: 'toy image' }, families).product).toBe('toy');
});
