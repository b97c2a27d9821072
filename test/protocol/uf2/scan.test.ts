import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Uf2Block } from '../../../src/protocol/uf2/block.ts';
import { RP2_ABSOLUTE } from '../../../src/protocol/uf2/family-ids.ts';
import { createUf2Scanner } from '../../../src/protocol/uf2/scan.ts';
import { UF2_TAG } from '../../../src/protocol/uf2/tags.ts';
import { aBlock, blocksOf, FAMILY, fileOf, md5Of, patched, scanUf2 } from './some-blocks.ts';

const OTHER = 0x55114460;
const rulesOf = (file: Uint8Array): string[] => scanUf2(file).findings.map(({ level, rule }) => `${level} ${rule}`);
const bytesOf = (blocks: readonly Uf2Block[]): Uint8Array => Buffer.concat(blocks.map(({ payload }) => payload));

describe('a good file', () => {
  test('is the map of its blocks', () => {
    const blocks = blocksOf(5);
    expect(scanUf2(fileOf(blocks))).toEqual({
      sizeBytes: 5 * 512,
      blocks: 5,
      images: [
        {
          familyId: FAMILY,
          map: [{ address: 0x2000, bytes: new Uint8Array(bytesOf(blocks)) }],
          blocks: 5,
          comments: 0,
          parts: 1,
          isPaged: true,
          isInStep: true,
          tags: { version: null, device: null, pageBytes: null, sha2: null, deviceType: null },
        },
      ],
      files: [],
      e10Address: null,
      findings: [],
    });
  });

  test('has holes', () => {
    const { images, findings } = scanUf2(fileOf(blocksOf(3, {}, { 2: { address: 0x8000 } })));
    expect(images[0]?.map.map(({ address, bytes }) => [address, bytes.length])).toEqual([
      [0x2000, 512],
      [0x8000, 256],
    ]);
    expect(findings).toEqual([]);
  });

  test('is for several families', () => {
    const blocks = [...blocksOf(2), ...blocksOf(3, { familyId: OTHER }), ...blocksOf(1, { familyId: 0 })];
    const { images, findings } = scanUf2(fileOf(blocks));
    expect(images).toMatchObject([
      { familyId: FAMILY, blocks: 2 },
      { familyId: OTHER, blocks: 3 },
      { familyId: 0, blocks: 1 },
    ]);
    expect(findings).toEqual([]);
  });

  test('has the blocks of two families mixed', () => {
    const [a, b] = blocksOf(2);
    const [c, d] = blocksOf(2, { familyId: OTHER });
    expect(rulesOf(fileOf([a, c, b, d].map((block) => block ?? aBlock())))).toEqual([]);
  });

  test('has comments, which are counted and not written', () => {
    const blocks = blocksOf(3, {}, { 1: { kind: 'comment', address: 1, payload: new Uint8Array(100) } });
    expect(scanUf2(fileOf(blocks))).toMatchObject({
      images: [{ blocks: 3, comments: 1, isPaged: true, map: [{ address: 0x2000 }, { address: 0x2200 }] }],
      findings: [{ level: 'note', rule: 'comment', place: { block: 1, field: 'flags' } }],
    });
  });

  test('holds files', () => {
    const text = Uint8Array.from({ length: 300 }, (_, index) => index);
    const part = { kind: 'file', familyId: null, fileName: 'Wörter.txt', fileSize: 300, count: 3 } as const;
    const blocks = [
      aBlock({ ...part, address: 0, payload: text.subarray(0, 200) }),
      aBlock({ ...part, number: 1, address: 200, payload: text.subarray(200) }),
      aBlock({ ...part, number: 2, fileName: 'b', fileSize: 256, address: 0 }),
    ];
    expect(scanUf2(fileOf(blocks))).toMatchObject({
      images: [],
      files: [
        { name: 'Wörter.txt', sizeBytes: 300, map: [{ address: 0, bytes: text }] },
        { name: 'b', sizeBytes: 256 },
      ],
      findings: [],
    });
  });

  test('says in tags what it is', () => {
    const version = { type: UF2_TAG.version, value: Buffer.from('1.2.3') };
    const page = { type: UF2_TAG.pageSize, value: Uint8Array.of(0, 1, 0, 0) };
    for (const each of [{ 0: { tags: [version] }, 2: { tags: [page] } }, { 1: { tags: [version, page] } }]) {
      expect(scanUf2(fileOf(blocksOf(3, {}, each)))).toMatchObject({
        images: [{ tags: { version: '1.2.3', pageBytes: 256, device: null } }],
        findings: [],
      });
    }
    expect(rulesOf(fileOf(blocksOf(3, { tags: [version] })))).toEqual([]);
  });
});

describe('numbers that do not add up', () => {
  const five = blocksOf(5);
  const without = (...gone: number[]): Uf2Block[] => five.filter(({ number }) => !gone.includes(number));
  test.each<[string, Uf2Block[], object[]]>([
    ['a block is missing', without(2), [{ rule: 'missing', level: 'error', place: { block: 3 }, found: 'no 2' }]],
    [
      'the last ones are missing',
      without(3, 4),
      [{ rule: 'missing', place: { block: 2 }, found: 'no 3, and 1 more missing' }],
    ],
    ['the first is missing', without(0), [{ rule: 'missing', found: 'no 0' }]],
    [
      'another count',
      blocksOf(5, {}, { 3: { count: 6 } }),
      [
        {
          rule: 'count',
          level: 'error',
          place: { block: 3, field: 'number of blocks' },
          expected: '5, as in block 0',
          found: '6',
        },
      ],
    ],
    ['a count of 0', blocksOf(2, { count: 0 }), [{ rule: 'count', level: 'error', found: '0', more: 1 }]],
    [
      'a number above the count',
      blocksOf(3, { count: 2 }),
      [{ rule: 'number', level: 'error', place: { block: 2, field: 'block number' }, found: '2' }],
    ],
    [
      'one number for two blocks',
      blocksOf(3, {}, { 2: { number: 1, address: 0x2200 } }),
      [
        { rule: 'number-twice', level: 'error', place: { block: 2 } },
        { rule: 'missing', found: 'no 2' },
      ],
    ],
    [
      'the numbers of a concatenation that was cut',
      [...without(4), ...blocksOf(2, { familyId: OTHER })],
      [{ rule: 'missing', place: { block: 3 } }],
    ],
    [
      'numbers over all families',
      [...without(3, 4), ...without(0, 1, 2).map((block) => ({ ...block, familyId: OTHER }))],
      [{ rule: 'missing' }],
    ],
  ])('%s', (_, blocks, findings) => {
    expect(scanUf2(fileOf(blocks)).findings).toMatchObject(findings);
  });

  test.each<[string, Uf2Block[], object[], number]>([
    [
      'reversed',
      [...five].reverse(),
      [{ rule: 'order', level: 'note', place: { block: 1, field: 'block number' }, more: 3 }],
      1,
    ],
    [
      'a block twice',
      [...five, aBlock({ number: 2, count: 5 })],
      [
        { rule: 'order', place: { block: 5 } },
        { rule: 'repeated', level: 'note', place: { block: 5, field: 'address' } },
      ],
      1,
    ],
    [
      'the file twice',
      [...five, ...five],
      [
        { rule: 'parts', level: 'note', place: { block: 5, field: 'block number' } },
        { rule: 'repeated', more: 0 },
      ],
      2,
    ],
    [
      'parts as Espressif’s tools make them',
      [...five, ...blocksOf(2, {}, { 0: { address: 0x8000 }, 1: { address: 0x8100 } })],
      [{ rule: 'parts', level: 'note', place: { block: 5 } }],
      2,
    ],
  ])('only noted: %s', (_, blocks, findings, parts) => {
    const scan = scanUf2(fileOf(blocks));
    expect(scan.findings).toMatchObject(findings);
    expect(scan.findings).toHaveLength(findings.length);
    expect(scan.images).toMatchObject([{ parts }]);
  });
});

describe('addresses', () => {
  test.each<[string, Uf2Block[], object[]]>([
    [
      'other bytes for an address',
      blocksOf(3, {}, { 2: { address: 0x2000 } }),
      [
        { rule: 'address-order', level: 'note' },
        {
          rule: 'overlap',
          level: 'error',
          place: { block: 2, field: 'address' },
          expected: 'the same bytes as at 00002000 in block 0',
        },
      ],
    ],
    [
      'other bytes for a part',
      blocksOf(2, {}, { 1: { address: 0x20fc } }),
      [
        { rule: 'not-a-page', place: { block: 1, field: 'address' } },
        { rule: 'overlap', place: { block: 1 }, expected: 'the same bytes as at 000020FC in block 0' },
      ],
    ],
    [
      'the same bytes for a part',
      blocksOf(2, { payload: new Uint8Array(256) }, { 1: { address: 0x20fc } }),
      [{ rule: 'not-a-page' }, { rule: 'repeated', level: 'note' }],
    ],
    [
      'payloads that are no pages',
      blocksOf(2, { payload: new Uint8Array(128) }),
      [
        {
          rule: 'not-a-page',
          level: 'note',
          place: { block: 0, field: 'payload size' },
          found: '128 bytes at 00002000',
          more: 1,
        },
      ],
    ],
  ])('%s', (_, blocks, findings) => {
    const scan = scanUf2(fileOf(blocks));
    expect(scan.findings).toMatchObject(findings);
    expect(scan.findings).toHaveLength(findings.length);
  });

  test.each<[string, readonly number[], object[]]>([
    [
      'a first block behind the others',
      [0x2300, 0x2100, 0x2200],
      [{ level: 'note', rule: 'address-order', place: { block: 1, field: 'address' } }],
    ],
    [
      'a last block before the others',
      [0x2000, 0x2100, 0x1f00],
      [{ level: 'note', rule: 'address-order', place: { block: 2, field: 'address' } }],
    ],
  ])('that do not rise with the numbers are noted: %s', (_, [a = 0, b = 0, c = 0], findings) => {
    const file = fileOf(blocksOf(3, {}, { 0: { address: a }, 1: { address: b }, 2: { address: c } }));
    expect(scanUf2(file).findings).toMatchObject(findings);
  });

  test('of two families may be the same', () => {
    expect(rulesOf(fileOf([aBlock(), aBlock({ familyId: OTHER, payload: new Uint8Array(256) })]))).toEqual([]);
  });
});

describe('what is broken is refused with its block', () => {
  const good = fileOf(blocksOf(3));
  test.each<[string, Uint8Array, object[]]>([
    ['nothing', new Uint8Array(0), [{ rule: 'empty', level: 'error', place: { block: 0, field: 'file' } }]],
    [
      'something else',
      new Uint8Array(512).fill(0x41),
      [
        { rule: 'malformed', level: 'error', place: { block: 0, field: 'first magic' }, found: '41414141' },
        { rule: 'empty' },
      ],
    ],
    [
      'a block cut short',
      good.subarray(0, 1025),
      [
        { rule: 'cut-short', level: 'error', place: { block: 2, field: 'file' }, found: '1 in the last' },
        { rule: 'missing' },
      ],
    ],
    [
      'a block of zeros between',
      Buffer.concat([good.subarray(0, 512), new Uint8Array(512), good.subarray(512)]),
      [{ rule: 'malformed', place: { block: 1, field: 'first magic' }, found: '00000000' }],
    ],
    [
      'a payload that cannot be',
      patched(good, [512 + 16, 500]),
      [{ rule: 'malformed', place: { block: 1, field: 'payload size' } }, { rule: 'missing' }],
    ],
    ['only comments', fileOf(blocksOf(1, { kind: 'comment' })), [{ rule: 'comment' }, { rule: 'empty' }]],
    [
      'a hole in a file',
      fileOf([aBlock({ kind: 'file', familyId: null, fileName: 'a', fileSize: 300, address: 0 })]),
      [{ rule: 'file-hole', level: 'error', place: { block: 0, field: 'file' }, found: '256' }],
    ],
    [
      'a file of two sizes',
      fileOf(
        blocksOf(
          2,
          { kind: 'file', familyId: null, fileName: 'a', fileSize: 512 },
          { 0: { address: 0 }, 1: { address: 256, fileSize: 513 } },
        ),
      ),
      [{ rule: 'file-size', level: 'error', place: { block: 1, field: 'file size' } }],
    ],
    [
      'a file with a block missing',
      fileOf(
        blocksOf(2, { kind: 'file', familyId: null, fileName: 'a', fileSize: 256 }, { 0: { address: 0 } }).slice(0, 1),
      ),
      [{ rule: 'missing' }],
    ],
  ])('%s', (_, file, findings) => {
    const scan = scanUf2(file);
    expect(scan.findings).toMatchObject(findings);
    expect(scan.findings).toHaveLength(findings.length);
  });

  test.each<[string, Uint8Array, object]>([
    [
      'flags that nobody knows',
      patched(good, [8, 0x2002]),
      { rule: 'unknown-flags', place: { block: 0, field: 'flags' }, found: '00000002' },
    ],
    [
      'no family',
      fileOf(blocksOf(3, { familyId: null })),
      { rule: 'no-family', place: { block: 0, field: 'family id' }, more: 2 },
    ],
    [
      'tags that contradict each other',
      fileOf(
        blocksOf(
          2,
          {},
          {
            0: { tags: [{ type: UF2_TAG.version, value: Buffer.from('1') }] },
            1: { tags: [{ type: UF2_TAG.version, value: Buffer.from('2') }] },
          },
        ),
      ),
      { rule: 'tags-differ', place: { block: 1, field: 'extension tags' }, expected: '1, as before', found: '2' },
    ],
  ])('only noted: %s', (_, file, finding) => {
    expect(scanUf2(file).findings).toMatchObject([{ level: 'note', ...finding }]);
  });

  test('a file that is too large is no longer looked at', () => {
    const scanner = createUf2Scanner(0, md5Of);
    scanner.take(fileOf([aBlock()]));
    scanner.take(new Uint8Array(128 * 1024 * 1024));
    const { findings, images } = scanner.finish();
    expect(findings).toMatchObject([{ rule: 'size', level: 'error', place: { field: 'file' } }]);
    expect(images).toHaveLength(1);
  });
});

test('what TinyUF2 shows as CURRENT.UF2 is no file to install, and its map is right', () => {
  // It counts its whole flash memory, and the blocks in front of the application are zeros at the end.
  const current = Buffer.concat([fileOf(blocksOf(3, { count: 4 })), new Uint8Array(512)]);
  const { images, findings } = scanUf2(current);
  expect(images[0]?.map).toEqual([{ address: 0x2000, bytes: new Uint8Array(bytesOf(blocksOf(3))) }]);
  expect(findings.map(({ rule }) => rule)).toEqual(['malformed', 'missing']);
});

describe('MD5 regions', () => {
  const content = bytesOf(blocksOf(4));
  const whole = { start: 0x2000, end: 0x2400, md5: md5Of(content) };
  const own = blocksOf(4).map((block) => ({
    ...block,
    md5Region: { start: block.address, end: block.address + 256, md5: md5Of(block.payload) },
  }));

  const nested = { start: 0x2100, end: 0x2300, md5: md5Of(content.subarray(256, 768)) };

  test('that tell the truth are nothing to tell', () => {
    expect(rulesOf(fileOf(blocksOf(4, { md5Region: whole }, { 1: { md5Region: nested } })))).toEqual([]);
    expect(rulesOf(fileOf(blocksOf(4, { md5Region: whole })))).toEqual([]);
    expect(rulesOf(fileOf(own))).toEqual([]);
  });

  test.each<[string, Uint8Array, object[]]>([
    [
      'of one block that lies',
      patched(fileOf(own), [512 + 32, 0]),
      [{ rule: 'md5', level: 'error', place: { block: 1, field: 'MD5 region' } }],
    ],
    [
      'of all that lies',
      patched(fileOf(blocksOf(4, { md5Region: whole })), [512 + 32, 0]),
      [{ rule: 'md5', level: 'error', place: { block: 0, field: 'MD5 region' }, more: 0 }],
    ],
    [
      'two for the same bytes',
      fileOf(blocksOf(4, {}, { 0: { md5Region: whole }, 1: { md5Region: { ...whole, end: 0x2300 } } })),
      [{ rule: 'md5', level: 'error' }],
    ],
    [
      'of what is not in the file',
      fileOf(blocksOf(4, { md5Region: { ...whole, end: 0x2500 } })),
      [{ rule: 'md5-unchecked', level: 'note', place: { block: 0 } }],
    ],
    [
      'of something else',
      fileOf(
        blocksOf(4, {}, { 3: { md5Region: { start: 0x2000, end: 0x2200, md5: md5Of(content.subarray(0, 512)) } } }),
      ),
      [{ rule: 'md5-elsewhere', level: 'note', place: { block: 3 } }],
    ],
  ])('%s', (_, file, findings) => {
    const scan = scanUf2(file);
    expect(scan.findings).toMatchObject(findings);
    expect(scan.findings).toHaveLength(findings.length);
  });
});

test('of so many MD5 regions around an address that they would take hours, most are not hashed', () => {
  const blocks = blocksOf(200, { count: 200 });
  const content = bytesOf(blocks);
  const end = 0x2000 + content.length;
  const claimed = blocks.map((block, index) => {
    const start = 0x2000 + 4 * index;
    return { ...block, address: block.address, md5Region: { start, end, md5: md5Of(content.subarray(4 * index)) } };
  });
  expect(scanUf2(fileOf(claimed)).findings).toContainEqual(
    expect.objectContaining({ level: 'error', rule: 'md5', expected: 'at most 8 regions around an address' }),
  );
});

test('what blocks say is kept when the memory of their chunk is used again', () => {
  const tagged = (text: string): Partial<Uf2Block> => ({ tags: [{ type: UF2_TAG.version, value: Buffer.from(text) }] });
  const contradicting = fileOf(blocksOf(2, {}, { 0: tagged('1'), 1: tagged('2') }));
  expect(scanUf2(contradicting, [512]).findings).toMatchObject([{ rule: 'tags-differ', found: '2' }]);
  const md5Region = { start: 0x2000, end: 0x2400, md5: md5Of(bytesOf(blocksOf(4))) };
  expect(scanUf2(fileOf(blocksOf(4, {}, { 0: { md5Region } })), [512]).findings).toEqual([]);
});

describe('the block for RP2350-E10', () => {
  const ignore = { type: UF2_TAG.ignore, value: new Uint8Array(0) };
  const e10 = aBlock({
    familyId: RP2_ABSOLUTE,
    count: 2,
    address: 0x10ffff00,
    payload: new Uint8Array(256).fill(0xef),
    tags: [ignore],
  });
  const image = blocksOf(3, { familyId: 0xe48bff59 });

  test('is no image, tagged or not', () => {
    for (const block of [e10, { ...e10, tags: [] }]) {
      expect(scanUf2(fileOf([block, ...image]))).toMatchObject({
        images: [{ familyId: 0xe48bff59, blocks: 3 }],
        e10Address: 0x10ffff00,
        findings: [{ rule: 'e10', level: 'note', place: { block: 0, field: 'family id' } }],
      });
    }
  });

  test.each<[string, Partial<Uf2Block>]>([
    ['other bytes', { payload: new Uint8Array(256) }],
    ['another family', { familyId: OTHER }],
    ['another tag', { tags: [{ type: 1, value: new Uint8Array(0) }] }],
    ['a shorter payload', { payload: new Uint8Array(128).fill(0xef) }],
  ])('with %s is a block like any other, and the next one is missing', (_, parts) => {
    expect(rulesOf(fileOf([{ ...e10, ...parts }, ...image]))).toContain('error missing');
  });

  test('alone is nothing', () => {
    expect(rulesOf(fileOf([e10]))).toEqual(['note e10', 'error empty']);
  });
});

describe('any file', () => {
  const several = fileOf([
    ...blocksOf(4, { tags: [{ type: UF2_TAG.version, value: Buffer.from('1.2.3') }] }),
    ...blocksOf(3, { familyId: OTHER }),
  ]);

  test('is the same in chunks of any size', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 1300 }), { minLength: 1, maxLength: 5 });
    const whole = scanUf2(several);
    fc.assert(fc.property(sizes, (each) => void expect(scanUf2(several, each)).toEqual(whole)));
  });

  test('is read without an exception', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => void scanUf2(bytes)));
    const change = fc.tuple(fc.nat(several.length / 4 - 1), fc.integer({ min: 0, max: 0xffffffff }));
    fc.assert(
      fc.property(fc.array(change, { maxLength: 6 }), (changes) => {
        scanUf2(patched(several, ...changes.map(([index, value]) => [4 * index, value] as const)));
      }),
      { numRuns: 300 },
    );
  });

  test('with one bit flipped in a header is refused or told, or its map is the same', () => {
    const right = scanUf2(several);
    const isPayload = (at: number): boolean => at % 512 >= 32 && at % 512 < 32 + 256;
    for (let bit = 0; bit < several.length * 8; bit++) {
      const at = bit >> 3;
      // Of the zeros behind the payload some are enough.
      const isPadding = at % 512 >= 320 && at % 512 < 508 && at % 16 !== 0;
      if (isPayload(at) || isPadding) continue;
      const bytes = Uint8Array.from(several);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << (bit & 7));
      const scan = scanUf2(bytes);
      if (scan.findings.length > 0) continue;
      // A block moved to an address of its own is a hole that people see; UF2 has no checksum to tell it by.
      const isAddress = at % 512 >= 12 && at % 512 < 16;
      const mapsOf = ({ images }: typeof scan): unknown =>
        images.map(({ map }) => map.map(({ address, bytes }) => [address, md5Of(bytes).toString()]));
      if (isAddress) expect(scan.images.some(({ map }) => map.length > 1) || bit).toBe(true);
      else expect([bit, mapsOf(scan)]).toEqual([bit, mapsOf(right)]);
    }
  });

  test('with one bit flipped in a payload is refused where there is an MD5', () => {
    const [block] = blocksOf(1);
    const region = { start: 0x2000, end: 0x2100, md5: md5Of(block?.payload ?? new Uint8Array(0)) };
    const file = fileOf(blocksOf(1, { md5Region: region }));
    for (let bit = 0; bit < 256 * 8; bit++) {
      const bytes = Uint8Array.from(file);
      bytes[32 + (bit >> 3)] = (bytes[32 + (bit >> 3)] ?? 0) ^ (1 << (bit & 7));
      expect(rulesOf(bytes)).toEqual(['error md5']);
    }
  });

  test('cut short anywhere is refused', () => {
    for (let length = 0; length < several.length; length++) {
      expect([length, rulesOf(several.subarray(0, length)).some((rule) => rule.startsWith('error'))]).toEqual([
        length,
        length !== 4 * 512,
      ]);
    }
  });

  test('however bad it is, gives each finding once, with a count', () => {
    const file = Buffer.concat(
      Array.from({ length: 2000 }, (_, index) => fileOf([aBlock({ familyId: index, count: 9 })])),
    );
    expect(scanUf2(file).findings).toMatchObject([{ rule: 'missing', more: 1999 }]);
  });
});
