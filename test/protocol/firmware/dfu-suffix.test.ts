import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { crc32 } from '../../../src/protocol/checksum.ts';
import {
  DFU_CRC_BYTES,
  decodeDfuSuffix,
  dfuCrcOf,
  encodeDfuSuffix,
} from '../../../src/protocol/firmware/dfu-suffix.ts';
import { ANY_HARDWARE } from '../../../src/protocol/image-facts.ts';
import { fixture } from '../../image/fixtures.ts';
import { example } from '../spacepack/examples.ts';

const word = fc.integer({ min: 0, max: 0xffff });
const suffixes = fc.record({
  vendorId: word,
  productId: word,
  hardware: word,
  crc: fc.integer({ min: 0, max: 0xffff_ffff }),
});

describe('a DFU suffix', () => {
  test('is read as dfu-suffix wrote it', () => {
    const suffix = { vendorId: 0x19e7, productId: 0x1111, hardware: 0x0100, crc: 0x2a48f4fe };
    expect(decodeDfuSuffix(fixture('signed.dfu'))).toEqual({ ok: true, value: suffix });
    expect(encodeDfuSuffix(suffix)).toEqual(fixture('signed.dfu').subarray(-16));
  });

  test('of an empty file is the example of the protocol', () => {
    const fields = { vendorId: 0x19e7, productId: 0x1111, hardware: ANY_HARDWARE, crc: 0 };
    const crc = dfuCrcOf(crc32(encodeDfuSuffix(fields).subarray(0, -DFU_CRC_BYTES)));
    expect(encodeDfuSuffix({ ...fields, crc })).toEqual(new Uint8Array(example('12.5')));
  });

  test('is for any hardware if dfu-suffix was given none', () => {
    expect(decodeDfuSuffix(fixture('any-hardware.dfu'))).toMatchObject({ ok: true, value: { hardware: ANY_HARDWARE } });
  });

  test('survives writing and reading', () => {
    fc.assert(
      fc.property(suffixes, (suffix) => {
        expect(decodeDfuSuffix(encodeDfuSuffix(suffix))).toEqual({ ok: true, value: suffix });
      }),
    );
  });

  test.each([
    ['nothing at all', new Uint8Array(0)],
    ['a byte less than a suffix', encodeDfuSuffix({ vendorId: 1, productId: 2, hardware: 3, crc: 4 }).subarray(1)],
    ['an image without one', fixture('signed.bin')],
    ['a suffix of DfuSe', fixture('dfuse-suffix.dfu')],
    ['a length other than 16', Uint8Array.of(0, 1, 0, 0, 0, 0, 0, 1, 0x55, 0x46, 0x44, 20, 0, 0, 0, 0)],
    ['letters in the order of print', Uint8Array.of(0, 1, 0, 0, 0, 0, 0, 1, 0x44, 0x46, 0x55, 16, 0, 0, 0, 0)],
  ])('is not seen in %s', (_, bytes) => {
    expect(decodeDfuSuffix(bytes)).toMatchObject({ ok: false });
  });

  test('is looked for in any bytes without an exception', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => void decodeDfuSuffix(bytes)));
  });
});
