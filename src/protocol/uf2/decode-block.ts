import { mismatch } from '../decoded.ts';
import { ADDRESS_SPACE } from '../firmware/memory-map.ts';
import { toHex } from '../hex.ts';
import {
  UF2_BLOCK_BYTES,
  UF2_FLAG,
  UF2_MAGIC,
  UF2_OFFSET,
  UF2_PAYLOAD_MOST_BYTES,
  type Uf2Block,
  type Uf2Field,
  type Uf2Mismatch,
} from './block.ts';
import { decodeMd5Region, MD5_REGION_BYTES, type Uf2Md5Region } from './md5-region.ts';
import { decodeUf2Tags } from './tags.ts';
import { utf8Of } from './text.ts';
import { wordAt } from './words.ts';

const KNOWN_FLAGS = Object.values(UF2_FLAG).reduce((all, flag) => all | flag, 0);

const wrong = (field: Uf2Field, expected: string, found: string): Uf2Mismatch => ({
  ...mismatch(expected, found),
  field,
});

/** The words of a block's header behind the magic numbers. */
interface Header {
  readonly flags: number;
  readonly address: number;
  readonly size: number;
  readonly word: number;
}

function judgeMagic(bytes: Uint8Array, start: number): Uf2Mismatch | null {
  for (const magic of UF2_MAGIC) {
    const found = wordAt(bytes, start + magic.offset);
    if (found !== magic.value) return wrong(magic.field, toHex(magic.value, 8), toHex(found, 8));
  }
  return null;
}

/** Which field of a header cannot be; `null`: none. */
function judgeHeader({ flags, address, size, word }: Header): Uf2Mismatch | null {
  const isFile = (flags & UF2_FLAG.file) !== 0;
  if (isFile && (flags & (UF2_FLAG.family | UF2_FLAG.md5 | UF2_FLAG.tags)) !== 0) {
    return wrong('flags', 'a piece of a file without family id, MD5 region and tags', toHex(flags, 8));
  }
  const most = UF2_PAYLOAD_MOST_BYTES - ((flags & UF2_FLAG.md5) === 0 ? 0 : MD5_REGION_BYTES);
  if (size === 0 || size > most) return wrong('payload size', `1 to ${most} bytes`, `${size}`);
  if (isFile && address + size > word) {
    return wrong('file size', `at least ${address + size}, where this payload ends`, `${word}`);
  }
  const isFlash = !isFile && (flags & UF2_FLAG.comment) === 0;
  if (isFlash && (address % 4 !== 0 || address + size > ADDRESS_SPACE)) {
    return wrong('address', 'a multiple of 4 with room for the payload', toHex(address, 8));
  }
  return null;
}

function nameIn(bytes: Uint8Array): string | Uf2Mismatch {
  const length = bytes.indexOf(0);
  if (length < 0) return wrong('file name', 'a name that ends with a zero byte', 'none');
  const name = utf8Of(bytes.subarray(0, length));
  return name === null || name === '' ? wrong('file name', 'a name in UTF-8', name ?? 'other bytes') : name;
}

/**
 * Where the specification puts the region, or where Espressif's tools do: directly behind the payload, which is itself
 * the region (esp-idf, tools/mkuf2.py).
 */
function md5RegionIn(bytes: Uint8Array, address: number, size: number, hasTags: boolean): Uf2Md5Region | Uf2Mismatch {
  const own = decodeMd5Region(bytes, UF2_OFFSET.payload + size);
  if (!hasTags && own.start === address && own.end === address + size) return own;
  const region = decodeMd5Region(bytes, UF2_OFFSET.md5Region);
  const isOne = region.end > region.start && region.end <= ADDRESS_SPACE;
  return isOne ? region : wrong('MD5 region', 'a region of flash memory', `${region.end - region.start} bytes`);
}

type Extras = Pick<Uf2Block, 'fileName' | 'md5Region' | 'tags'>;
const NO_EXTRAS: Extras = { fileName: null, md5Region: null, tags: [] };

/** What flags say is behind the payload. */
function extrasIn(bytes: Uint8Array, { flags, address, size }: Header): Extras | Uf2Mismatch {
  const end = UF2_OFFSET.payload + size;
  if ((flags & UF2_FLAG.file) !== 0) {
    const fileName = nameIn(bytes.subarray(end, UF2_OFFSET.dataEnd));
    return typeof fileName === 'string' ? { ...NO_EXTRAS, fileName } : fileName;
  }
  const [hasRegion, hasTags] = [(flags & UF2_FLAG.md5) !== 0, (flags & UF2_FLAG.tags) !== 0];
  const md5Region = hasRegion ? md5RegionIn(bytes, address, size, hasTags) : null;
  if (md5Region !== null && 'ok' in md5Region) return md5Region;
  if (!hasTags) return { ...NO_EXTRAS, md5Region };
  const area = bytes.subarray(Math.ceil(end / 4) * 4, hasRegion ? UF2_OFFSET.md5Region : UF2_OFFSET.dataEnd);
  const tags = decodeUf2Tags(area);
  if (!tags.ok) return wrong('extension tags', tags.expected, tags.found);
  return { fileName: null, md5Region, tags: tags.value };
}

/**
 * Decodes the 512 bytes at `start`, of which payload, tags and MD5 are views. Does not throw. It makes few objects on
 * purpose: a file has tens of thousands of blocks.
 */
export function decodeUf2Block(
  bytes: Uint8Array,
  start = 0,
): { readonly ok: true; readonly value: Uf2Block } | Uf2Mismatch {
  const end = start + UF2_BLOCK_BYTES;
  if (bytes.length < end) return wrong('file', 'a block of 512 bytes', `${bytes.length - start}`);
  const header = {
    flags: wordAt(bytes, start + UF2_OFFSET.flags),
    address: wordAt(bytes, start + UF2_OFFSET.address),
    size: wordAt(bytes, start + UF2_OFFSET.payloadSize),
    word: wordAt(bytes, start + UF2_OFFSET.word),
  };
  const mismatched = judgeMagic(bytes, start) ?? judgeHeader(header);
  if (mismatched !== null) return mismatched;
  const { flags, address, size, word } = header;
  const hasExtras = (flags & (UF2_FLAG.file | UF2_FLAG.md5 | UF2_FLAG.tags)) !== 0;
  const extras = hasExtras ? extrasIn(bytes.subarray(start, end), header) : NO_EXTRAS;
  if ('ok' in extras) return extras;
  const hasFamily = (flags & UF2_FLAG.family) !== 0;
  const value: Uf2Block = {
    kind: (flags & UF2_FLAG.file) !== 0 ? 'file' : (flags & UF2_FLAG.comment) !== 0 ? 'comment' : 'flash',
    otherFlags: (flags & ~KNOWN_FLAGS) >>> 0,
    address,
    payload: bytes.subarray(start + UF2_OFFSET.payload, start + UF2_OFFSET.payload + size),
    number: wordAt(bytes, start + UF2_OFFSET.number),
    count: wordAt(bytes, start + UF2_OFFSET.count),
    familyId: hasFamily ? word : null,
    fileSize: hasFamily || word === 0 ? null : word,
    fileName: extras.fileName,
    md5Region: extras.md5Region,
    tags: extras.tags,
  };
  return { ok: true, value };
}
