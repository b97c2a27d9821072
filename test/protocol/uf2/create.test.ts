import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { MemoryMap } from '../../../src/protocol/firmware/memory-map.ts';
import { bytesAt, endOfRange } from '../../../src/protocol/firmware/memory-map.ts';
import { mapOfBinary } from '../../../src/protocol/firmware/raw-binary.ts';
import { createUf2, type Uf2Recipe } from '../../../src/protocol/uf2/create.ts';
import { scanHex } from '../firmware/intel-hex/a-hex-file.ts';
import { FAMILY, scanUf2 } from './some-blocks.ts';

const fixture = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`fixtures/${name}`, import.meta.url)));
const range = (address: number, length: number, byte = 0x5a): MemoryMap[number] => ({
  address,
  bytes: new Uint8Array(length).fill(byte),
});
const RECIPE: Uf2Recipe = { familyId: FAMILY, filler: 0xff, sectorBytes: 256 };
const addressesOf = (map: MemoryMap, sectorBytes: 256 | 4096): number[] => {
  const file = createUf2(map, { ...RECIPE, sectorBytes });
  const view = new DataView(file.buffer);
  return Array.from({ length: file.length / 512 }, (_, index) => view.getUint32(512 * index + 12, true));
};

describe('the same file as uf2conv makes', () => {
  const app = Uint8Array.from({ length: 600 }, (_, index) => 7 * index + 3);
  const binary = mapOfBinary(app, 0x2000);

  test.each([
    ['binary.uf2', FAMILY],
    ['no-family.uf2', null],
  ])('of a binary: %s', (name, familyId) => {
    if (!binary.ok) throw new Error(binary.found);
    expect(createUf2(binary.value, { familyId, filler: 0x00, sectorBytes: 256 })).toEqual(fixture(name));
  });

  test('of Intel HEX with gaps', () => {
    const { map, findings } = scanHex(fixture('gaps.hex'));
    expect(findings).toEqual([]);
    expect(createUf2(map, { ...RECIPE, familyId: 0xada52840 })).toEqual(fixture('gaps.uf2'));
  });

  test('and what it makes is read without a finding', () => {
    expect(scanUf2(fixture('binary.uf2'))).toMatchObject({
      images: [{ familyId: FAMILY, isPaged: true }],
      findings: [],
    });
    expect(scanUf2(fixture('gaps.uf2'))).toMatchObject({ images: [{ blocks: 5, parts: 1 }], findings: [] });
    expect(scanUf2(fixture('no-family.uf2')).findings).toMatchObject([{ level: 'note', rule: 'no-family', more: 2 }]);
  });
});

describe('pages', () => {
  test('that nothing is in are left out', () => {
    expect(addressesOf([range(0x1004, 8), range(0x1300, 300)], 256)).toEqual([0x1000, 0x1300, 0x1400]);
  });

  test('of two ranges are one page', () => {
    expect(addressesOf([range(0x1004, 8), range(0x1010, 8), range(0x10fe, 4)], 256)).toEqual([0x1000, 0x1100]);
  });

  test('of each sector with something in it are all there, up to the last page', () => {
    const pages = (from: number, to: number): number[] =>
      Array.from({ length: (to - from) / 256 }, (_, index) => from + 256 * index);
    expect(addressesOf([range(0x1204, 8)], 4096)).toEqual(pages(0x1000, 0x1300));
    expect(addressesOf([range(0x1204, 8), range(0x1804, 8), range(0x5104, 8)], 4096)).toEqual([
      ...pages(0x1000, 0x2000),
      ...pages(0x5000, 0x5200),
    ]);
  });

  test('are filled with what was asked for', () => {
    for (const filler of [0x00, 0xff] as const) {
      const file = createUf2([range(0x1004, 8)], { ...RECIPE, filler });
      expect([...file.subarray(32, 32 + 13)]).toEqual([...Array(4).fill(filler), ...Array(8).fill(0x5a), filler]);
    }
  });

  test('reach to the end of the address space', () => {
    expect(addressesOf([range(0xffffff10, 0xf0)], 4096).at(-1)).toBe(0xffffff00);
  });

  test('of nothing are none', () => {
    expect(createUf2([], RECIPE)).toEqual(new Uint8Array(0));
  });
});

const map = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 6000 }), fc.uint8Array({ minLength: 1, maxLength: 700 })), {
    minLength: 1,
    maxLength: 6,
  })
  .map((each) => {
    let end = 0x10000000;
    return each.map(([gap, bytes]) => {
      const placed = { address: end + gap, bytes };
      end = endOfRange(placed);
      return placed;
    });
  });
const recipe: fc.Arbitrary<Uf2Recipe> = fc.record({
  familyId: fc.integer({ min: 0, max: 0xffffffff }),
  filler: fc.constantFrom(0x00, 0xff),
  sectorBytes: fc.constantFrom(256, 4096),
});

test('what is written is read again, and the rest is filler', () => {
  fc.assert(
    fc.property(map, recipe, (written, how) => {
      const { images, findings } = scanUf2(createUf2(written, how));
      expect(findings).toEqual([]);
      const [image] = images;
      expect(image).toMatchObject({ familyId: how.familyId, isPaged: true, parts: 1 });
      let count = 0;
      for (const { address, bytes } of written) {
        expect(bytesAt(image?.map ?? [], { start: address, end: address + bytes.length })).toEqual(bytes);
        count += bytes.filter((byte) => byte === how.filler).length - bytes.length;
      }
      for (const { bytes } of image?.map ?? []) count += bytes.filter((byte) => byte !== how.filler).length;
      expect(count).toBe(0);
    }),
    { numRuns: 50 },
  );
});
