import { crc32 } from '../checksum.ts';
import type { Hasher, ImageFormat, ImageScanner } from '../family.ts';
import { FILE_KIND_BYTES, recogniseContainer } from '../firmware/file-kinds.ts';
import { createHexScanner } from '../firmware/intel-hex/scan.ts';
import { hexOfBytes } from '../hex.ts';
import { ANY_HARDWARE, ANY_ID, type Check, type ScannedImage } from '../image-facts.ts';
import { createUniversalHexFilter, isUniversalHex } from './universal-hex.ts';

/** The drive shows 64 MiB. */
const MOST_BYTES = 64 * 1024 * 1024;

/** A table of vectors begins with the stack pointer, in RAM, and the first instruction: 4 bytes each. */
const VECTORS_BYTES = 8;

const START_CODE = 0x3a;

function check(name: string, expected: string, found: string | null): Check {
  return { check: name, code: 'image-structure', expected, found: found ?? expected, ok: found === null };
}

function sizeCheck(sizeBytes: number): Check {
  return check('size', `at most ${MOST_BYTES} bytes`, sizeBytes > MOST_BYTES ? `${sizeBytes}` : null);
}

/** A scanner that looks at the content by `take` and `checks`, and knows what all files have. */
function createScanner(
  sizeBytes: number,
  hasher: Hasher,
  content: { take(chunk: Uint8Array): void; checks(): readonly Check[] },
): ImageScanner {
  let crc = 0;
  return {
    take(chunk) {
      hasher.update(chunk);
      crc = crc32(chunk, crc);
      content.take(chunk);
    },
    finish(): ScannedImage {
      const sha256 = hexOfBytes(hasher.digest());
      return {
        sizeBytes,
        crc32: crc,
        sha256,
        imageHash: sha256,
        version: null,
        securityCounter: 0,
        vendorId: ANY_ID,
        productId: ANY_ID,
        hardware: ANY_HARDWARE,
        own: null,
        signature: 'unchecked',
        keyHash: null,
        checks: [sizeCheck(sizeBytes), ...content.checks()],
      };
    },
  };
}

/** The first error of the file, with its line. */
function hexChecks(findings: ReturnType<ReturnType<typeof createHexScanner>['finish']>['findings']): readonly Check[] {
  const [first] = findings.filter(({ level }) => level === 'error');
  if (first === undefined) return [check('records', 'records of Intel HEX', null)];
  const { place, expected, found } = first;
  return [check('records', `${expected} in line ${place.line}`, found)];
}

/** Intel HEX, and the Universal Hex of the micro:bit, which holds the images of several boards. */
export const hexFormat: ImageFormat = {
  name: 'Intel HEX',
  extension: 'hex',
  recognises: (head) => head[0] === START_CODE,
  createScanner(sizeBytes, sha256) {
    const scanner = createHexScanner(sizeBytes);
    let take: ((chunk: Uint8Array) => void) | null = null;
    const filter = createUniversalHexFilter((line) => scanner.take(line));
    let isUniversal = false;
    return createScanner(sizeBytes, sha256(), {
      take(chunk) {
        if (take === null) isUniversal = isUniversalHex(chunk);
        take ??= isUniversal ? filter.take : scanner.take;
        take(chunk);
      },
      checks() {
        if (isUniversal) filter.finish();
        return hexChecks(scanner.finish().findings);
      },
    });
  },
  create: null,
};

/** Why a file that begins like this is no program for a Cortex-M; `null`: it may be one. */
function notABinary(head: Uint8Array): string | null {
  if (head.length < VECTORS_BYTES) return `${head.length} bytes`;
  const container = recogniseContainer(head);
  if (container !== null) return container.name;
  const word = (at: number): number => new DataView(head.buffer, head.byteOffset).getUint32(at, true);
  const [stack, reset] = [word(0), word(4)];
  if (stack >>> 28 < 1 || stack >>> 28 > 3 || stack % 4 !== 0) return 'no stack pointer in RAM';
  return reset % 2 === 1 ? null : 'no first instruction';
}

/** The program of a Cortex-M as it is in flash memory: it begins with the table of vectors. */
export const binaryFormat: ImageFormat = {
  name: 'raw binary',
  extension: 'bin',
  recognises: (head) => notABinary(head) === null,
  createScanner(sizeBytes, sha256) {
    let head: Uint8Array = new Uint8Array(0);
    return createScanner(sizeBytes, sha256(), {
      take(chunk) {
        const missing = FILE_KIND_BYTES - head.length;
        if (missing > 0) head = Uint8Array.from([...head, ...chunk.subarray(0, missing)]);
      },
      checks: () => [check('vectors', 'a table of vectors at the beginning', notABinary(head))],
    });
  },
  create: null,
};
