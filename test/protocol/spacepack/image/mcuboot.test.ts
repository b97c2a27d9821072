import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodeHeader,
  encodeHeader,
  HEADER_FIELDS_BYTES,
  type ImageHeader,
  judgeHeader,
  locateImage,
} from '../../../../src/protocol/spacepack/image/mcuboot.ts';
import { fixture } from '../../../image/fixtures.ts';

const good: ImageHeader = {
  headerSize: 32,
  applicationSize: 1000,
  protectedSize: 12,
  flags: 0,
  version: { major: 1, minor: 2, revision: 3, build: 0 },
};

const word = (max: number): fc.Arbitrary<number> => fc.integer({ min: 0, max });
const headers: fc.Arbitrary<ImageHeader> = fc.record({
  headerSize: word(0xffff),
  applicationSize: word(0xffff_ffff),
  protectedSize: word(0xffff),
  flags: word(0xffff_ffff),
  version: fc.record({ major: word(0xff), minor: word(0xff), revision: word(0xffff), build: word(0xffff_ffff) }),
});

describe('an MCUboot header', () => {
  test('is read and written as imgtool does', () => {
    expect(decodeHeader(fixture('signed.bin'))).toEqual({ ok: true, value: good });
    expect(encodeHeader(good)).toEqual(fixture('signed.bin').subarray(0, HEADER_FIELDS_BYTES));
  });

  test('survives writing and reading', () => {
    fc.assert(
      fc.property(headers, (header) => {
        expect(decodeHeader(encodeHeader(header))).toEqual({ ok: true, value: header });
      }),
    );
  });

  test.each([
    ['cut short', fixture('signed.bin').subarray(0, 31)],
    ['big-endian', fixture('big-endian.dfu')],
    ['an application without one', fixture('application.bin')],
  ])('is not one if it is %s', (_, bytes) => {
    expect(decodeHeader(bytes)).toMatchObject({ ok: false });
  });

  test('of imgtool passes', () => {
    expect(judgeHeader(good)).toBeNull();
  });

  test.each<[string, Partial<ImageHeader>]>([
    ['a header size less than its fields', { headerSize: 31 }],
    ['no application', { applicationSize: 0 }],
    ['no protected area', { protectedSize: 0 }],
    ['the flag for AES-128', { flags: 0x4 }],
    ['the flag for AES-256', { flags: 0x8 }],
    ['the flag for an image that does not boot', { flags: 0x10 }],
    ['the flag for an image in RAM', { flags: 0x20 }],
    ['the flags for compression', { flags: 0xe00 }],
    ['the flag for code that is linked for one address (protocol §8.2)', { flags: 0x100 }],
    ['a flag that nobody has named yet (protocol §8.2)', { flags: 0x8000_0000 }],
  ])('with %s is refused', (_, change) => {
    expect(judgeHeader({ ...good, ...change })).toMatchObject({ ok: false });
  });
});

describe('locateImage', () => {
  test('finds the TLV areas behind a padded header', () => {
    const layout = { trailerOffset: 512 + 1000, hashedEnd: 512 + 1000 + 12 };
    expect(locateImage(fixture('build-number.dfu'))).toEqual(layout);
  });

  test('never places them within the header, for any bytes', () => {
    fc.assert(
      fc.property(headers, (header) => {
        const layout = locateImage(encodeHeader(header));
        expect(layout === null || layout.trailerOffset >= HEADER_FIELDS_BYTES).toBe(true);
      }),
    );
    fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => void locateImage(bytes)));
  });
});
