import { describe, expect, test } from 'vitest';
import type { Looking } from '../../../src/protocol/steps.ts';
import { comparePages, findCurrent } from '../../../src/protocol/uf2/current.ts';
import { blockOfPage, nudgesIn, type Uf2Page, uf2PagesOf } from '../../../src/protocol/uf2/pages.ts';

const page = (address: number, fill: number): Uf2Page => ({ address, bytes: new Uint8Array(256).fill(fill) });
const sectorOf = (one: Uf2Page): Uint8Array => blockOfPage(one, { number: 99, count: 7, familyId: 5 });
const EMPTY = new Uint8Array(512);

/** Answers reads from a file, and keeps what was asked for. */
function look<T>(steps: Looking<T>, file: Uint8Array | null): { readonly value: T; readonly asked: readonly number[] } {
  const asked: number[] = [];
  let next = steps.next({ kind: 'done', bytes: EMPTY });
  while (!next.done) {
    if (next.value.do !== 'read') throw new TypeError('expected it to read a file');
    const { offset, lengthBytes } = next.value;
    asked.push(offset, lengthBytes);
    next = steps.next(
      file === null ? { kind: 'absent' } : { kind: 'done', bytes: file.slice(offset, offset + lengthBytes) },
    );
  }
  return { value: next.value, asked };
}

describe('CURRENT.UF2', () => {
  const pages = [page(0x8000, 1), page(0x8100, 2), page(0x8200, 3)];
  const file = new Uint8Array(Buffer.concat([EMPTY, ...pages.map(sectorOf), EMPTY, EMPTY]));

  test('is found by its first valid block, wherever that is', () => {
    expect(look(findCurrent(), file).value).toEqual({ familyId: 5, address: 0x8000, offset: 512 });
    expect(look(findCurrent(), new Uint8Array(8192)).value).toBeNull();
    expect(look(findCurrent(), null).value).toBeNull();
  });

  test('is compared by address, whatever the numbers are, within the range of the image', () => {
    const current = { familyId: 5, address: 0x8000, offset: 512 };
    const { value, asked } = look(comparePages(current, [page(0x8100, 2), page(0x8200, 9)]), file);
    expect(value).toMatchObject({ differing: [1], missing: [] });
    expect(asked).toEqual([1024, 1024]);
  });

  test('what it does not show is missing, not different', () => {
    const current = { familyId: 5, address: 0x8000, offset: 512 };
    const wanted = [page(0x7f00, 1), page(0x8000, 1), page(0x8300, 1), page(0x9000, 1)];
    expect(look(comparePages(current, wanted), file).value).toMatchObject({ differing: [], missing: [0, 2, 3] });
  });

  test('a file that vanishes is no comparison', () => {
    expect(look(comparePages({ familyId: 5, address: 0x8000, offset: 0 }, pages), null).value).toEqual(
      expect.any(String),
    );
  });
});

describe('pages', () => {
  const range = (address: number, length: number) => ({ address, bytes: new Uint8Array(length) });

  test('are whole, or there are none', () => {
    expect(uf2PagesOf([range(0x100, 512), range(0x1000, 256)])?.map(({ address }) => address)).toEqual([
      0x100, 0x200, 0x1000,
    ]);
    expect(uf2PagesOf([range(0x100, 300)])).toBeNull();
    expect(uf2PagesOf([range(0x80, 256)])).toBeNull();
  });

  test('nudges are never the first block, never where a sector begins, and in two pages of RAM', () => {
    const pages = uf2PagesOf([range(0x1000, 0x1000 + 256)]) ?? [];
    expect(nudgesIn(pages, 4096)).toBeNull();
    const more = uf2PagesOf([range(0x1000, 0x1000 + 512)]) ?? [];
    expect(nudgesIn(more, 4096)).toEqual({ low: 1, high: 17 });
    expect(nudgesIn(more, 65536)).toBeNull();
    expect(nudgesIn(uf2PagesOf([range(0, 256)]) ?? [], 256)).toBeNull();
  });
});
