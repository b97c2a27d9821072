import type { ImageFormat } from '../family.ts';
import type { ImageFacts } from '../image-facts.ts';
import { DFU_SUFFIX_BYTES, decodeDfuSuffix } from './dfu-suffix.ts';
import { recogniseContainer } from './file-kinds.ts';
import { createFirmwareScanner, type PlacedFinding } from './scanner.ts';

const finding = (rule: string, expected: string, found: string): PlacedFinding => ({
  level: 'error',
  rule,
  place: { field: 'file' },
  expected,
  found,
  more: 0,
  where: 'the whole file',
});

/** How much of the beginning is kept: the table of vectors of a Cortex-M begins with 8 bytes that can be checked. */
const HEAD_BYTES = 8;

/** Bytes of flash memory and nothing else: any file that is not known to be another thing. */
export const rawFormat: ImageFormat = {
  name: 'raw binary',
  extension: 'bin',
  recognises: (head) => (recogniseContainer(head) === null ? 'maybe' : 'no'),
  createScanner(sizeBytes, sha256) {
    let tail = new Uint8Array(0);
    let head = new Uint8Array(0);
    const reader = {
      take(chunk: Uint8Array) {
        if (head.length < HEAD_BYTES) head = Uint8Array.from([...head, ...chunk.subarray(0, HEAD_BYTES - head.length)]);
        const end = chunk.subarray(-DFU_SUFFIX_BYTES);
        tail = Uint8Array.from([...tail, ...end]).slice(-DFU_SUFFIX_BYTES);
      },
      finish() {
        const findings = [
          ...(sizeBytes === 0 ? [finding('empty', 'a binary with something in it', 'an empty file')] : []),
          ...(decodeDfuSuffix(tail).ok ? [finding('suffix', 'a raw binary', 'a file with a DFU suffix')] : []),
        ];
        const says = [['address', 'none in the file: the device decides']] as const;
        const ranges = sizeBytes === 0 ? [] : [{ start: 0, end: sizeBytes }];
        return { findings, parts: [{ target: null, ranges, says }], version: null, own: { head } };
      },
    };
    const codeOf = (rule: string) => (rule === 'empty' ? 'image-truncated' : 'image-structure');
    return createFirmwareScanner({ what: 'a raw binary', sizeBytes, kind: null, codeOf }, reader, sha256);
  },
  create: null,
};

/** The first bytes of an image, at most 8; `null`: it is of another format. */
export function rawHeadOf({ format, own }: Pick<ImageFacts, 'format' | 'own'>): Uint8Array | null {
  return format === rawFormat.name ? (own as { readonly head: Uint8Array }).head : null;
}
