import { UF2_BLOCK_BYTES, UF2_FLAG, UF2_MAGIC, UF2_OFFSET, type Uf2Block } from './block.ts';
import { decodeUf2Block } from './decode-block.ts';
import { encodeMd5Region } from './md5-region.ts';
import { encodeUf2Tags } from './tags.ts';

function flagsOf({ kind, familyId, md5Region, tags, otherFlags }: Uf2Block): number {
  let flags = otherFlags | (kind === 'flash' ? 0 : UF2_FLAG[kind]);
  if (familyId !== null) flags |= UF2_FLAG.family;
  if (md5Region !== null) flags |= UF2_FLAG.md5;
  if (tags.length > 0) flags |= UF2_FLAG.tags;
  return flags;
}

/** The 512 bytes of a block. Throws a RangeError for one that `decodeUf2Block` would not give back. */
export function encodeUf2Block(block: Uf2Block): Uint8Array {
  const bytes = new Uint8Array(UF2_BLOCK_BYTES);
  const view = new DataView(bytes.buffer);
  for (const { offset, value } of UF2_MAGIC) view.setUint32(offset, value, true);
  const { address, payload, number, count, familyId, fileSize, fileName, md5Region, tags } = block;
  const words = [flagsOf(block), address, payload.length, number, count, familyId ?? fileSize ?? 0];
  for (const [index, word] of words.entries()) view.setUint32(UF2_OFFSET.flags + 4 * index, word, true);
  bytes.set(payload, UF2_OFFSET.payload);
  const behind = UF2_OFFSET.payload + payload.length;
  if (fileName !== null) bytes.set(new TextEncoder().encode(fileName), behind);
  if (tags.length > 0) bytes.set(encodeUf2Tags(tags), Math.ceil(behind / 4) * 4);
  if (md5Region !== null) bytes.set(encodeMd5Region(md5Region), UF2_OFFSET.md5Region);
  const read = decodeUf2Block(bytes);
  if (!read.ok) throw new RangeError(`${read.field}: expected ${read.expected}, found ${read.found}`);
  const { fileName: name, otherFlags, tags: found } = read.value;
  if (name !== fileName || otherFlags !== block.otherFlags || found.length !== tags.length) {
    throw new RangeError('expected a block whose parts go together, found one that would be read in another way');
  }
  return bytes;
}
