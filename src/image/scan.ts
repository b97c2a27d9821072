import { createHash } from 'node:crypto';
import { crc32, dfuCrcOf } from '../protocol/checksum.ts';
import { DFU_CRC_BYTES, DFU_SUFFIX_BYTES } from '../protocol/dfu-suffix.ts';
import { SpacepackError } from '../protocol/errors.ts';
import type { PayloadScan } from '../protocol/image-checks.ts';
import { HEADER_FIELDS_BYTES, type ImageLayout, locateImage } from '../protocol/mcuboot.ts';
import { TRAILER_MOST_BYTES } from '../protocol/trailer.ts';
import { type PayloadSource, readExactly } from './payload.ts';

export interface ScanOptions {
  /** Stops the reading; the promise then rejects with `interrupted`. */
  readonly signal?: AbortSignal;
  /** Told after each chunk: so many bytes of the payload have been read. */
  readonly onBytes?: (bytes: number) => void;
}

/** The suffix and the 16 bytes before it, in which an image padded to its slot ends. */
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

/** Takes a payload of known size piece by piece. One SHA-256 and one CRC serve both the file and the parts of it. */
function createScanner(sizeBytes: number): { take(chunk: Uint8Array): void; finish(): PayloadScan } {
  const sha256 = createHash('sha256');
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
    if (offset === layout?.hashedEnd) imageHash = sha256.copy().digest('hex');
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
      sha256: sha256.digest('hex'),
      imageHash,
    }),
  };
}

/**
 * Reads a payload once, in memory that does not grow with its size. Rejects with `image-unreadable`, `image-changed` or
 * `interrupted`; what the bytes are is no reason to reject.
 */
export async function scanPayload(payload: PayloadSource, options: ScanOptions = {}): Promise<PayloadScan> {
  const scanner = createScanner(payload.sizeBytes);
  let readBytes = 0;
  for await (const chunk of readExactly(payload)) {
    if (options.signal?.aborted) {
      throw new SpacepackError(
        'interrupted',
        `${payload.name}: expected to read it to its end; found the run called off.`,
      );
    }
    scanner.take(chunk);
    readBytes += chunk.length;
    options.onBytes?.(readBytes);
  }
  return scanner.finish();
}
