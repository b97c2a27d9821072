import { crc32 } from '../../checksum.ts';
import type { Hasher } from '../../family.ts';
import { DFU_CRC_BYTES, DFU_SUFFIX_BYTES, dfuCrcOf } from '../../firmware/dfu-suffix.ts';
import { hexOfBytes } from '../../hex.ts';
import type { PayloadScan } from './checks.ts';
import { HEADER_FIELDS_BYTES, type ImageLayout, locateImage } from './mcuboot.ts';
import { TRAILER_MOST_BYTES } from './trailer.ts';

/** The suffix and the 16 bytes before it, where the padding of an image to its slot ends. */
const TAIL_BYTES = 2 * DFU_SUFFIX_BYTES;

/** Bytes of the payload that are kept. */
interface Extract {
  readonly start: number;
  readonly bytes: Uint8Array;
}

function extractOf(start: number, end: number, sizeBytes: number): Extract {
  const from = Math.max(0, Math.min(start, sizeBytes));
  return { start: from, bytes: new Uint8Array(Math.min(end, sizeBytes) - from) };
}

function keep({ start, bytes }: Extract, piece: Uint8Array, offset: number): void {
  const from = Math.max(start - offset, 0);
  const to = Math.min(start + bytes.length - offset, piece.length);
  if (from < to) bytes.set(piece.subarray(from, to), offset + from - start);
}

/** Takes a payload of known size piece by piece. One SHA-256 and one CRC serve both the file and its parts. */
export function createPayloadScanner(
  sizeBytes: number,
  createHasher: () => Hasher,
): { take(chunk: Uint8Array): void; finish(): PayloadScan } {
  const sha256 = createHasher();
  const head = extractOf(0, HEADER_FIELDS_BYTES, sizeBytes);
  const tail = extractOf(sizeBytes - TAIL_BYTES, sizeBytes, sizeBytes);
  const dfuCrcEnd = sizeBytes - DFU_CRC_BYTES;
  let trailer = extractOf(0, 0, sizeBytes);
  let layout: ImageLayout | null = null;
  let imageHash: string | null = null;
  let [offset, crc, dfuCrc] = [0, 0, 0];

  function takeUpToMark(piece: Uint8Array): void {
    sha256.update(piece);
    crc = crc32(piece, crc);
    for (const extract of [head, trailer, tail]) keep(extract, piece, offset);
    offset += piece.length;
    if (offset === HEADER_FIELDS_BYTES) {
      layout = locateImage(head.bytes);
      const start = layout?.trailerOffset ?? sizeBytes;
      trailer = extractOf(start, start + TRAILER_MOST_BYTES, sizeBytes);
    }
    if (offset === layout?.hashedEnd) imageHash = hexOfBytes(sha256.copy().digest());
    if (offset === dfuCrcEnd) dfuCrc = dfuCrcOf(crc);
  }

  return {
    take(chunk) {
      let rest = chunk;
      while (rest.length > 0) {
        const marks = [HEADER_FIELDS_BYTES, layout?.hashedEnd ?? sizeBytes, dfuCrcEnd].filter((mark) => mark > offset);
        const piece = rest.subarray(0, Math.min(rest.length, ...marks.map((mark) => mark - offset)));
        takeUpToMark(piece);
        rest = rest.subarray(piece.length);
      }
    },
    finish: () => ({
      sizeBytes,
      head: head.bytes,
      trailer: trailer.bytes,
      tail: tail.bytes,
      crc32: crc,
      dfuCrc,
      sha256: hexOfBytes(sha256.digest()),
      imageHash,
    }),
  };
}
