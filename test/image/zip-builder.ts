import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipEntry {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** What the archive claims instead of the true size. */
  readonly claimedBytes?: number;
  /** Default 8: deflate. */
  readonly method?: number;
  readonly flags?: number;
}

const u16 = (value: number): Buffer => Buffer.from([value & 0xff, value >> 8]);
const u32 = (value: number): Buffer => Buffer.concat([u16(value & 0xffff), u16(value >>> 16)]);

/** A ZIP archive that may say anything about what is in it. */
export function zipOf(...entries: readonly ZipEntry[]): Buffer {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const { name, bytes, claimedBytes = bytes.length, method = 8, flags = 0 } of entries) {
    const data = method === 8 ? deflateRawSync(bytes) : Buffer.from(bytes);
    const sizes = [u32(crc32(bytes)), u32(data.length), u32(claimedBytes), u16(name.length)];
    const about = [u16(flags), u16(method), u32(0), ...sizes, u16(0)];
    const local = Buffer.concat([u32(0x04034b50), u16(20), ...about, Buffer.from(name), data]);
    const rest = [u16(0), u16(0), u16(0), u32(0), u32(offset)];
    central.push(Buffer.concat([u32(0x02014b50), u16(20), u16(20), ...about, ...rest, Buffer.from(name)]));
    locals.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(central);
  const count = u16(entries.length);
  const end = [u32(0x06054b50), u16(0), u16(0), count, count, u32(directory.length), u32(offset), u16(0)];
  return Buffer.concat([...locals, directory, ...end]);
}
