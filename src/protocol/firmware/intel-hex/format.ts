import type { ImageFormat } from '../../family.ts';
import type { ImageFacts } from '../../image-facts.ts';
import { endOfRange } from '../memory-map.ts';
import { createFirmwareScanner } from '../scanner.ts';
import { createHexScanner, type HexScan } from './scan.ts';
import { textOfStart } from './start-address.ts';

const KIND = 'an Intel HEX file';

/** Intel HEX. */
export const hexFormat: ImageFormat = {
  name: 'Intel HEX',
  extension: 'hex',
  recognises: (head) => (/^:[0-9A-F]{10}/i.test(String.fromCharCode(...head)) ? 'yes' : 'no'),
  createScanner(sizeBytes, sha256) {
    const scanner = createHexScanner(sizeBytes);
    const reader = {
      take: scanner.take,
      finish() {
        const scan = scanner.finish();
        const { map, start } = scan;
        const findings = scan.findings.map((finding) => {
          const { line, column, field } = finding.place;
          return { ...finding, where: `line ${line}, column ${column}, ${field}` };
        });
        const ranges = map.map((range) => ({ start: range.address, end: endOfRange(range) }));
        const says = start === null ? [] : [['start address', textOfStart(start)] as const];
        return { findings, parts: [{ target: null, ranges, says }], version: null, own: scan };
      },
    };
    const codeOf = (rule: string) => (rule === 'no-end' || rule === 'empty' ? 'image-truncated' : 'image-structure');
    return createFirmwareScanner({ what: KIND, sizeBytes, kind: KIND, codeOf }, reader, sha256);
  },
  create: null,
};

/** What is in the lines of an image; `null`: it is of another format. */
export function hexScanOf({ format, own }: Pick<ImageFacts, 'format' | 'own'>): HexScan | null {
  return format === hexFormat.name ? (own as HexScan) : null;
}
