import type { Hasher, ImageFormat, ImageScanner } from '../family.ts';
import { hexOfBytes } from '../hex.ts';
import { type Check, type ImageFacts, PLAIN } from '../image-facts.ts';
import { createFingerprinter, type Fingerprint, isFingerprint } from './fingerprint.ts';

const HEAD_BYTES = 32;

/** What the format keeps of a file, besides what everybody sees. */
interface Own {
  readonly fingerprint: Fingerprint;
  /** Its first bytes, at most 32. */
  readonly head: Uint8Array;
}

function createScanner(sizeBytes: number, sha256: () => Hasher): ImageScanner {
  const [hasher, printer] = [sha256(), createFingerprinter()];
  let head = new Uint8Array();
  return {
    take(chunk) {
      if (head.length < HEAD_BYTES) head = Uint8Array.from([...head, ...chunk.subarray(0, HEAD_BYTES - head.length)]);
      hasher.update(chunk);
      printer.take(chunk);
    },
    finish() {
      const fingerprint = printer.finish();
      const hash = hexOfBytes(hasher.digest());
      const own: Own = { fingerprint, head };
      const check: Check = {
        check: 'size',
        code: 'image-truncated',
        expected: 'at least one byte',
        found: `${sizeBytes}`,
        ok: sizeBytes > 0,
      };
      return {
        ...PLAIN,
        sizeBytes,
        crc32: fingerprint.crc32,
        sha256: hash,
        imageHash: hash,
        version: null,
        own,
        checks: [check],
        layout: null,
      };
    },
  };
}

function isPacked([first, second]: Uint8Array): boolean {
  return (first === 0x1f && second === 0x8b) || (first === 0x50 && second === 0x4b);
}

/** Any file: what it must be is said by the profile of the device. */
export const plainFile: ImageFormat = {
  name: 'plain file',
  extension: 'bin',
  recognises: (head) => (isPacked(head) ? 'no' : 'maybe'),
  createScanner,
  create: null,
};

/** A compressed file that the device unpacks itself. */
export const packedFile: ImageFormat = {
  ...plainFile,
  name: 'packed file',
  extension: 'tgz',
  recognises: (head) => (isPacked(head) ? 'yes' : 'no'),
  isKeptPacked: true,
};

/** What one of these formats found in an image. Throws for an image of another format, which the engine gives nobody. */
export function ownOf({ own, format }: Pick<ImageFacts, 'own' | 'format'>): Own {
  const found = own as Own | null;
  if (!isFingerprint(found?.fingerprint)) throw new TypeError(`expected a plain file, found ${format}`);
  return found as Own;
}

/** Whether the bytes begin with `begins`. */
export function hasBeginning(head: Uint8Array, begins: Uint8Array): boolean {
  return begins.every((byte, index) => head[index] === byte);
}

/** The fingerprint of a text that is written whole, such as a trigger. */
export function fingerprintOf(bytes: Uint8Array): Fingerprint {
  const printer = createFingerprinter();
  printer.take(bytes);
  return printer.finish();
}
