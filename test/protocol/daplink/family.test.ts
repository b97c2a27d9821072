import { describe, expect, test } from 'vitest';
import { daplink } from '../../../src/protocol/daplink/family.ts';
import type { DeviceInfo } from '../../../src/protocol/device-info.ts';
import { rawFormat } from '../../../src/protocol/firmware/raw-format.ts';
import type { ImageFacts } from '../../../src/protocol/image-facts.ts';

describe('a raw binary for a probe begins with a stack pointer in RAM and an odd address', () => {
  const check = (head: Uint8Array, sizeBytes = head.length) =>
    daplink.checkFit(
      { format: rawFormat.name, own: { head }, sizeBytes } as unknown as ImageFacts,
      {} as DeviceInfo<never>,
      false,
    );
  const words = (stack: number, reset: number): Buffer => {
    const bytes = Buffer.alloc(8);
    bytes.writeUInt32LE(stack, 0);
    bytes.writeUInt32LE(reset, 4);
    return bytes;
  };

  test('and is taken then', () => {
    expect(check(words(0x2000_4000, 0x1c1))).toBe('fits');
  });

  test.each([
    ['no stack pointer', words(0x0800_4000, 0x1c1), 'image-structure', 8],
    ['no first instruction', words(0x2000_4000, 0x1c0), 'image-structure', 8],
    ['7 bytes', Buffer.alloc(7), 'image-structure', 7],
    ['67108865', words(0x2000_4000, 0x1c1), 'image-too-large', 64 * 1024 * 1024 + 1],
  ])('found %s', (found, head, code, sizeBytes) => {
    expect(() => check(head, sizeBytes)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(found) }),
    );
  });
});
