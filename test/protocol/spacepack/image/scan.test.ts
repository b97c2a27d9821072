import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { memoryPayload } from '../../../../src/image/payload.ts';
import { fixture } from '../../../image/fixtures.ts';
import { chunked, scanPayload } from '../../../image/images.ts';

const signed = fixture('signed.dfu');

describe('scanPayload', () => {
  test('keeps what the checks need', async () => {
    const scan = await scanPayload(memoryPayload('signed.dfu', signed));
    expect(scan).toMatchObject({
      sizeBytes: 1204,
      head: signed.subarray(0, 32),
      trailer: signed.subarray(1032),
      tail: signed.subarray(-32),
      dfuCrc: 0x2a48f4fe,
      imageHash: 'b00586035c9819709369a72cd46dc4ef0d0fae17c2e8d287efdbc0d02768e23f',
    });
  });

  test('sees the same in chunks of any size', async () => {
    const whole = await scanPayload(memoryPayload('test.dfu', signed));
    const sizes = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(sizes, async (each) => {
        expect(await scanPayload(chunked(signed, each))).toEqual(whole);
      }),
      { numRuns: 50 },
    );
  });

  test('takes files of any bytes and any length', async () => {
    for (let length = 0; length <= 64; length++) {
      const bytes = signed.subarray(0, length);
      const scan = await scanPayload(memoryPayload('test.dfu', bytes));
      expect(scan).toMatchObject({ sizeBytes: length, head: bytes.subarray(0, 32), tail: bytes.subarray(-32) });
    }
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        expect((await scanPayload(memoryPayload('test.dfu', bytes))).sizeBytes).toBe(bytes.length);
      }),
    );
  });
});
