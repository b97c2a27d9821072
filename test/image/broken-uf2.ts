import { createHash } from 'node:crypto';

/** Broken files of firmware, made from their descriptions (microsoft/uf2 README.md; Intel's HEX, 1988) without code of ours. */
export interface BrokenFile {
  /** What is broken, and the name that the file has. */
  readonly what: string;
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly code: string;
  /** What the message says of the place. */
  readonly place: RegExp;
}

type Words = Partial<Record<'flags' | 'address' | 'size' | 'number' | 'count' | 'word', number>>;
const OFFSETS = { flags: 8, address: 12, size: 16, number: 20, count: 24, word: 28 } as const;
const FAMILY = 0xe48bff56;

/** One block for flash; `rest` is put behind the payload, at its offset in the block. */
function block(words: Words = {}, rest: readonly (readonly [offset: number, bytes: Uint8Array])[] = []): Buffer {
  const bytes = Buffer.alloc(512);
  const { number = 0 } = words;
  const all = {
    flags: 0x2000,
    address: 0x1000_0000 + 256 * number,
    size: 256,
    number,
    count: 3,
    word: FAMILY,
    ...words,
  };
  bytes.writeUInt32LE(0x0a324655, 0);
  bytes.writeUInt32LE(0x9e5d5157, 4);
  for (const [name, offset] of Object.entries(OFFSETS)) bytes.writeUInt32LE(all[name as keyof Words], offset);
  bytes.fill(number + 1, 32, 32 + 256);
  for (const [offset, part] of rest) bytes.set(part, offset);
  bytes.writeUInt32LE(0x0ab16f30, 508);
  return bytes;
}

const good = [block(), block({ number: 1 }), block({ number: 2 })] as const;
const [first, second, third] = good;
const middle = (words: Words, ...rest: Parameters<typeof block>[1] & object): Buffer =>
  Buffer.concat([first, block({ number: 1, ...words }, rest), third]);
const patched = (offset: number, value: number): Buffer => {
  const bytes = Buffer.concat(good);
  bytes.writeUInt32LE(value, 512 + offset);
  return bytes;
};
const text = (value: string): Buffer => Buffer.from(value, 'latin1');
const words = (...values: readonly number[]): Buffer =>
  Buffer.concat(
    values.map((value) => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32LE(value);
      return bytes;
    }),
  );
const wrongMd5 = createHash('md5').update('something else').digest();
const uf2 = (what: string, bytes: Uint8Array, place: RegExp, code = 'image-structure'): BrokenFile => {
  return { what, name: 'a.uf2', bytes, code, place };
};
const piece = { flags: 0x1000, word: 300, size: 200, address: 0 };

export const BROKEN_UF2: readonly BrokenFile[] = [
  uf2('another first magic', patched(0, 0x0b324655), /block 1, first magic/),
  uf2('another second magic', patched(4, 0), /block 1, second magic/),
  uf2('another final magic', patched(508, 0x0ab16f31), /block 1, final magic/),
  uf2('a block of zeros', Buffer.concat([first, Buffer.alloc(512), third]), /block 1, first magic/),
  uf2('a payload of no bytes', middle({ size: 0 }), /block 1, payload size/),
  uf2('a payload of 477 bytes', middle({ size: 477 }), /block 1, payload size/),
  uf2('a payload beyond the file', middle({ size: 0xffff_ffff }), /block 1, payload size/),
  uf2('a payload where the MD5 region is', middle({ flags: 0x6000, size: 460 }), /block 1, payload size/),
  uf2('an address that is no multiple of 4', middle({ address: 0x1000_0102 }), /block 1, address/),
  uf2('a payload beyond all addresses', middle({ address: 0xffff_ff04 }), /block 1, address/),
  uf2('other bytes for an address', middle({ address: 0x1000_0080 }), /block 1, address/),
  uf2('a number that is missing', Buffer.concat([first, third]), /block 1, block number/, 'image-truncated'),
  uf2('the last block is missing', Buffer.concat([first, second]), /block 1, block number/, 'image-truncated'),
  uf2('a number as high as the count', middle({ number: 3 }), /block 1, block number/),
  uf2('one number for two addresses', middle({ number: 2, address: 0x1000_0100 }), /block 2, block number/),
  uf2('another count', middle({ count: 4 }), /block 1, number of blocks/),
  uf2('a count of 0', middle({ count: 0 }), /block 1, number of blocks/),
  uf2('a part of a block at the end', Buffer.concat([...good, first.subarray(0, 100)]), /block 3/, 'image-truncated'),
  uf2('a byte too few', Buffer.concat(good).subarray(0, -1), /block 2/, 'image-truncated'),
  uf2('a byte before it', Buffer.concat([Buffer.alloc(1), ...good]), /block 0, first magic/),
  uf2('text behind it', Buffer.concat([...good, Buffer.alloc(512, 'a')]), /block 3, first magic/),
  uf2('only comments', block({ flags: 0x2001, count: 1 }), /block 1, file/, 'image-truncated'),
  uf2('only the magic', text('UF2\n'), /block 0, file/, 'image-truncated'),
  uf2(
    'a tag that goes beyond the block',
    middle({ flags: 0xa000 }, [288, Buffer.from('ffbcc79f', 'hex')]),
    /block 1, ext/,
  ),
  uf2('a tag that is too short', middle({ flags: 0xa000 }, [288, Buffer.from('03bcc79f', 'hex')]), /block 1, ext/),
  uf2('an MD5 region without bytes', middle({ flags: 0x6000 }, [484, words(0, 0)]), /block 1, MD5 region/),
  uf2(
    'the MD5 of other bytes',
    middle({ flags: 0x6000 }, [484, Buffer.concat([words(0x1000_0000, 256), wrongMd5])]),
    /block 1, MD5/,
    'image-hash',
  ),
  uf2(
    'a piece beyond its file',
    block({ ...piece, count: 1, address: 200 }, [[232, text('a\0')]]),
    /block 0, file size/,
  ),
  uf2('a file with a hole', block({ ...piece, count: 1 }, [[232, text('a\0')]]), /block 0, file/, 'image-truncated'),
  uf2('a file without a name', block({ ...piece, count: 1 }, [[232, text('\0')]]), /block 0, file name/),
  uf2('a name that never ends', block({ ...piece, count: 1 }, [[232, Buffer.alloc(276, 'a')]]), /block 0, file name/),
];

export const WHOLE_UF2: Uint8Array = Buffer.concat(good);
