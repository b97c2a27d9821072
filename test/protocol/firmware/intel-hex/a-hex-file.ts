import { createHexScanner, type HexScan } from '../../../../src/protocol/firmware/intel-hex/scan.ts';

/** A record with a right checksum, without the end of its line. */
export function record(type: number, offset: number, data: readonly number[] = []): string {
  const bytes = [data.length, offset >> 8, offset & 0xff, type, ...data];
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  return `:${Buffer.from([...bytes, -sum & 0xff])
    .toString('hex')
    .toUpperCase()}`;
}

export const END: string = record(1, 0);

/** Records of 16 bytes, with a record of the upper half of the address wherever that changes. */
export function hexOf(ranges: readonly { readonly address: number; readonly bytes: Uint8Array }[]): string {
  const lines: string[] = [];
  let upper = 0;
  for (const { address, bytes } of ranges) {
    for (let at = 0; at < bytes.length; ) {
      const [high, low] = [Math.floor((address + at) / 0x10000), (address + at) % 0x10000];
      if (high !== upper) lines.push(record(4, 0, [high >> 8, high & 0xff]));
      upper = high;
      const size = Math.min(16, bytes.length - at, 0x10000 - low);
      lines.push(record(0, low, [...bytes.subarray(at, at + size)]));
      at += size;
    }
  }
  return [...lines, END, ''].join('\n');
}

/** Reads bytes or a text in chunks of the given sizes, over and over. */
export function scanHex(file: string | Uint8Array, sizes: readonly number[] = [4096]): HexScan {
  const bytes = typeof file === 'string' ? Buffer.from(file, 'latin1') : file;
  const scanner = createHexScanner(bytes.length);
  for (let [offset, index] = [0, 0]; offset < bytes.length; index++) {
    const size = sizes[index % sizes.length] ?? 1;
    scanner.take(bytes.subarray(offset, offset + size));
    offset += size;
  }
  return scanner.finish();
}
