import type { ImageFormat } from '../family.ts';
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

/** Bytes of flash memory and nothing else: any file that is not known to be another thing. */
export const rawFormat: ImageFormat = {
  name: 'raw binary',
  extension: 'bin',
  recognises: (head) => (recogniseContainer(head) === null ? 'maybe' : 'no'),
  createScanner(sizeBytes, sha256) {
    let tail = new Uint8Array(0);
    const reader = {
      take(chunk: Uint8Array) {
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
        return { findings, parts: [{ target: null, ranges, says }], version: null, own: null };
      },
    };
    const codeOf = (rule: string) => (rule === 'empty' ? 'image-truncated' : 'image-structure');
    return createFirmwareScanner({ what: 'a raw binary', sizeBytes, kind: null, codeOf }, reader, sha256);
  },
  create: null,
};
