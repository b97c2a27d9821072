import { describe, expect, test } from 'vitest';
import { memoryPayload, readExactly } from '../../src/image/payload.ts';

async function sizesOf(chunks: AsyncIterable<Uint8Array>): Promise<number[]> {
  const sizes: number[] = [];
  for await (const chunk of chunks) sizes.push(chunk.length);
  return sizes;
}

describe('a payload in memory', () => {
  test('can be read again and again', async () => {
    const payload = memoryPayload('test.dfu', Uint8Array.of(1, 2, 3));
    expect(await sizesOf(payload.read())).toEqual([3]);
    expect(await sizesOf(payload.read())).toEqual([3]);
  });

  test('may be empty', async () => {
    expect(await sizesOf(readExactly(memoryPayload('test.dfu', new Uint8Array(0))))).toEqual([]);
  });
});

describe('a payload that does not keep to its size', () => {
  async function* chunks(...sizes: readonly number[]): AsyncGenerator<Uint8Array> {
    for (const size of sizes) yield new Uint8Array(size);
  }

  test('is refused when it ends early', async () => {
    const payload = { name: 'test.dfu', sizeBytes: 10, read: () => chunks(4, 5) };
    await expect(sizesOf(readExactly(payload))).rejects.toMatchObject({ code: 'image-changed' });
  });

  test('gives no byte too many before it is refused', async () => {
    const payload = { name: 'test.dfu', sizeBytes: 10, read: () => chunks(4, 7, 1) };
    let given = 0;
    const reading = (async () => {
      for await (const chunk of readExactly(payload)) given += chunk.length;
    })();
    await expect(reading).rejects.toMatchObject({ code: 'image-changed' });
    expect(given).toBe(4);
  });
});
