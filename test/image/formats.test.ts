import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkImage, inspectImage } from '../../src/image/check.ts';
import { memoryPayload } from '../../src/image/payload.ts';
import { hexFormat, hexScanOf } from '../../src/protocol/firmware/intel-hex/format.ts';
import { rawFormat } from '../../src/protocol/firmware/raw-format.ts';
import { imageFormat } from '../../src/protocol/spacepack/image/format.ts';
import { createUf2 } from '../../src/protocol/uf2/create.ts';
import { uf2Format, uf2ScanOf } from '../../src/protocol/uf2/format.ts';
import { fixture } from './fixtures.ts';

const families = [{ images: [imageFormat] }, { images: [uf2Format] }, { images: [hexFormat, rawFormat] }];
const raw = [{ images: [rawFormat] }];
const bytes = new Uint8Array(1_000).fill(0x5a);
const uf2 = createUf2([{ address: 0x1000_0000, bytes }], { familyId: 0xe48bff56, filler: 0, sectorBytes: 256 });
const hex = Buffer.from(':020000040800F2\n:0400000001020304F2\n:00000001FF\n');
const inspect = (name: string, content: Uint8Array, of: Parameters<typeof inspectImage>[1] = families) =>
  inspectImage(memoryPayload(name, content), of);
const codeOf = (name: string, content: Uint8Array, of: Parameters<typeof inspectImage>[1]) =>
  checkImage(memoryPayload(name, content), of).then(
    () => 'passes',
    ({ code }: { readonly code: string }) => code,
  );

describe('the format of a file is chosen', () => {
  test.each<[string, string, Uint8Array, string]>([
    ['by its content', 'a.bin', uf2, 'UF2'],
    ['by its content, before its name', 'a.uf2', hex, 'Intel HEX'],
    ['by its name, if its beginning is damaged', 'a.dfu', bytes, imageFormat.name],
    ['by the name of the file that is packed in it', 'a.zip (b.UF2)', bytes, 'UF2'],
    ['by the name before .gz', 'a.hex.gz', bytes, 'Intel HEX'],
    ['as a raw binary, if nothing says otherwise', 'a.img', bytes, 'raw binary'],
    ['as the first, if it can be none', 'a.img', Buffer.from('\x7fELF\x01'), imageFormat.name],
  ])('%s', async (_, name, content, format) => {
    expect((await inspect(name, content)).format).toBe(format);
  });
});

describe('a raw binary is never guessed to be another thing', () => {
  test.each<[string, Uint8Array, RegExp]>([
    ['a UF2 file', uf2, /a UF2 file/],
    ['an Intel HEX file', hex, /an Intel HEX file/],
    ['an ELF file', Buffer.from('\x7fELF\x01'), /an ELF file/],
    ['a gzip file', Buffer.from([0x1f, 0x8b, 8]), /a gzip file/],
    ['a file with a DFU suffix', fixture('signed.dfu'), /an MCUboot image/],
    ['anything with a DFU suffix', fixture('signed.dfu').subarray(32), /a file with a DFU suffix/],
  ])('%s is refused by name', async (_, content, found) => {
    const { checks, layout } = await inspect('a.bin', content, raw);
    const failed = checks.find(({ ok }) => ok === false);
    expect(failed).toMatchObject({ code: 'image-structure', found: expect.stringMatching(found) });
    if (failed?.check === 'format') expect(layout).toBeNull();
  });

  test('an ELF file with the command that converts it', async () => {
    const { checks } = await inspect('a.bin', Buffer.from('\x7fELF\x01'), raw);
    expect(checks[0]?.remedy).toContain('objcopy');
  });

  test('and is taken otherwise', async () => {
    const image = await checkImage(memoryPayload('a.bin', bytes), raw);
    expect(image).toMatchObject({ format: 'raw binary', version: null, signature: 'none' });
    expect(await codeOf('a.bin', new Uint8Array(), raw)).toBe('image-truncated');
  });
});

describe('what a firmware file holds', () => {
  test('a UF2 file: its family, ranges and tags', async () => {
    const { layout } = await inspect('a.uf2', uf2);
    expect(layout).toMatchObject({
      parts: [{ target: 'RP2040 (E48BFF56)', ranges: [{ start: 0x1000_0000, end: 0x1000_0400 }] }],
      notes: [],
    });
    const image = await checkImage(memoryPayload('a.uf2', uf2), families);
    expect(uf2ScanOf(image)?.blocks).toBe(4);
    expect(hexScanOf(image)).toBeNull();
  });

  test('Intel HEX: its ranges', async () => {
    const { layout } = await inspect('a.hex', hex);
    expect(layout?.parts).toMatchObject([{ target: null, ranges: [{ start: 0x0800_0000, end: 0x0800_0004 }] }]);
    expect(hexScanOf(await checkImage(memoryPayload('a.hex', hex), families))?.map).toHaveLength(1);
  });

  test('the md5 of a region is checked by the hash that was handed in', async () => {
    const withMd5 = readFileSync(new URL('../protocol/uf2/fixtures/gaps.uf2', import.meta.url));
    expect(await codeOf('a.uf2', withMd5, families)).toBe('passes');
  });
});

describe('what is broken is refused with its place', () => {
  const changed = (content: Uint8Array, at: number, byte: number): Uint8Array =>
    content.map((old, index) => (index === at ? byte : old));
  test.each<[string, string, Uint8Array, string, RegExp]>([
    ['a payload that is too long', 'a.uf2', changed(uf2, 512 + 17, 0xff), 'image-structure', /block 1, payload size/],
    ['a block without its end', 'a.uf2', changed(uf2, 2 * 512 - 1, 0), 'image-structure', /block 1, final magic/],
    ['a file that ends within a block', 'a.uf2', uf2.subarray(0, -1), 'image-truncated', /block 3/],
    ['a block that is not there', 'a.uf2', uf2.subarray(0, -512), 'image-truncated', /block/],
    ['a wrong checksum', 'a.hex', changed(hex, 26, 0x30), 'image-structure', /line 2, column/],
    ['no end record', 'a.hex', hex.subarray(0, -12), 'image-truncated', /line/],
  ])('%s', async (_, name, content, code, where) => {
    const { checks } = await inspect(name, content);
    const failed = checks.filter(({ ok }) => ok === false);
    expect(failed).toContainEqual(expect.objectContaining({ code, found: expect.stringMatching(where) }));
  });

  test('any change of a magic or a header is told or harmless, and nothing throws', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(uf2.length - 1), fc.nat(255), async (at, byte) => {
        const { checks } = await inspect('a.uf2', changed(uf2, at, byte));
        expect(checks.length).toBeGreaterThan(0);
        for (const { expected, found } of checks) expect(`${expected}${found}`).not.toMatch(/[\p{C}]/u);
      }),
      { numRuns: 100 },
    );
  });
});
