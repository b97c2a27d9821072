import { ENTRY_BYTES } from './directory.ts';

/** Where the 13 characters of a part are, in UTF-16. */
const PLACES: readonly number[] = [1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30];
const LAST = 0x40;

/** The entries that hold a long name, in the order in which they stand before the short entry of that raw name. */
export function longNameEntries(name: string, raw: string): readonly Buffer[] {
  const parts = Math.ceil(name.length / PLACES.length);
  const sum = checksum(raw);
  return Array.from({ length: parts }, (_, index) => {
    const order = parts - index;
    const bytes = Buffer.alloc(ENTRY_BYTES);
    bytes.writeUInt8(order === parts ? order | LAST : order, 0);
    bytes.writeUInt8(0x0f, 11);
    bytes.writeUInt8(sum, 13);
    for (const [place, at] of PLACES.entries()) {
      const index = (order - 1) * PLACES.length + place;
      const code = index < name.length ? name.charCodeAt(index) : index === name.length ? 0 : 0xffff;
      bytes.writeUInt16LE(code, at);
    }
    return bytes;
  });
}

/** The characters that one such entry holds. */
export function partOfName(bytes: Buffer): string {
  const codes = PLACES.map((at) => bytes.readUInt16LE(at));
  const end = codes.indexOf(0);
  return String.fromCharCode(...(end < 0 ? codes : codes.slice(0, end)));
}

function checksum(raw: string): number {
  return [...raw].reduce((sum, character) => (((sum & 1) << 7) + (sum >> 1) + character.charCodeAt(0)) & 0xff, 0);
}
