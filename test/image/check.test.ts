import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readChecked } from '../../src/image/check.ts';
import { memoryPayload, type PayloadSource } from '../../src/image/payload.ts';
import { openPayload } from '../../src/image/source.ts';
import { fixture, publicKey, signedRecipe } from './fixtures.ts';
import { checkImage, chunked, createImage, inspectImage } from './images.ts';

const signed = memoryPayload('signed.dfu', fixture('signed.dfu'));

async function bytesOf(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const copies: Uint8Array[] = [];
  for await (const chunk of chunks) copies.push(Uint8Array.from(chunk));
  return new Uint8Array(Buffer.concat(copies));
}

describe('checkImage', () => {
  test('verifies the signature where the key is known', async () => {
    expect(await checkImage(signed, { publicKeys: [publicKey('stranger'), publicKey('maker')] })).toMatchObject({
      imageHash: 'b00586035c9819709369a72cd46dc4ef0d0fae17c2e8d287efdbc0d02768e23f',
      signature: 'verified',
      keyHash: 'c5584de618c7d3bd2811f020601c7f0691a734b0dc21c12b77cf67a67027c0c7',
    });
  });

  test('leaves a signature to the device where no key is known, but not the absence of one', async () => {
    expect(await checkImage(signed)).toMatchObject({ signature: 'unchecked' });
    const unsigned = memoryPayload('unsigned.dfu', fixture('unsigned.dfu'));
    await expect(checkImage(unsigned)).rejects.toMatchObject({ code: 'image-signature' });
  });

  test('refuses an invalid key before it reads the image', async () => {
    const unread: PayloadSource = {
      ...signed,
      read: () => {
        throw new Error('read');
      },
    };
    await expect(checkImage(unread, { publicKeys: ['no key'] })).rejects.toMatchObject({ code: 'key-unusable' });
  });

  test('refuses with the code of the first check that fails, and names the file', async () => {
    const checking = checkImage(memoryPayload('padded.dfu', fixture('padded.dfu')));
    await expect(checking).rejects.toMatchObject({
      code: 'image-structure',
      message: expect.stringContaining('padded.dfu'),
    });
  });
});

describe('inspectImage', () => {
  test('reports its progress', async () => {
    const told: number[] = [];
    await inspectImage(chunked(fixture('signed.dfu'), [500]), { onBytes: (bytes) => told.push(bytes) });
    expect(told).toEqual([500, 1000, 1204]);
  });

  test('stops when it is called off', async () => {
    const controller = new AbortController();
    const told: number[] = [];
    const scanning = inspectImage(chunked(fixture('signed.dfu'), [100]), {
      signal: controller.signal,
      onBytes: (bytes) => {
        told.push(bytes);
        controller.abort();
      },
    });
    await expect(scanning).rejects.toMatchObject({ code: 'interrupted' });
    expect(told).toEqual([100]);
  });

  test('reports what can be known of a broken image', async () => {
    const report = await inspectImage(memoryPayload('encrypted.dfu', fixture('encrypted.dfu')));
    expect(report).toMatchObject({ vendorId: 0x19e7, version: { major: 1 }, securityCounter: null });
    expect(report.checks.map(({ ok }) => ok)).toEqual([true, true, true, false, null, null, null]);
  });

  test('reports on a file that is not an image', async () => {
    const report = await inspectImage(memoryPayload('empty', new Uint8Array(0)));
    expect(report).toMatchObject({
      sizeBytes: 0,
      crc32: 0,
      vendorId: null,
      version: null,
      securityCounter: null,
      imageHash: null,
    });
    expect(report.checks.map(({ ok }) => ok)).toEqual([false, false, null, false, null, null, null]);
  });
});

describe('readChecked', () => {
  let folder: string;
  let path: string;
  const image = createImage({ ...signedRecipe, application: new Uint8Array(700_000).fill(0x5a) });

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'spacepack-check-'));
    path = join(folder, 'firmware.dfu');
    await writeFile(path, image);
  });

  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  test('gives the bytes that were checked', async () => {
    const payload = await openPayload(path);
    const read = await bytesOf(readChecked(payload, await checkImage(payload)));
    expect(Buffer.compare(read, image)).toBe(0);
  });

  test('does not let other bytes pass, though size and time are those of the file that was checked', async () => {
    await utimes(path, 1000, 1000);
    const payload = await openPayload(path);
    const checked = await checkImage(payload);
    await writeFile(
      path,
      image.map((byte, at) => (at === 400_000 ? byte ^ 1 : byte)),
    );
    await utimes(path, 1000, 1000);
    // The file itself does not give it away: only its bytes do.
    expect(await bytesOf(payload.read())).toHaveLength(image.length);
    await expect(bytesOf(readChecked(payload, checked))).rejects.toMatchObject({ code: 'image-changed' });
  });
});
