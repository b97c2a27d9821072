import { crc32 } from '../checksum.ts';
import type { Hasher, ImageScanner } from '../family.ts';
import type { FaultCode } from '../faults.ts';
import { hexOfBytes } from '../hex.ts';
import { type Check, type FileLayout, PLAIN } from '../image-facts.ts';
import { printable } from '../printable.ts';
import type { Version } from '../versions.ts';
import { FILE_KIND_BYTES, recogniseContainer } from './file-kinds.ts';
import type { FileFinding } from './finding.ts';

/** A finding, and where it is in words. */
export interface PlacedFinding extends FileFinding<string, { readonly field: string }> {
  readonly where: string;
}

/** What the reader of one format found in a whole file. */
export interface FirmwareReading {
  readonly findings: readonly PlacedFinding[];
  readonly parts: FileLayout['parts'];
  readonly version: Version | null;
  readonly own: unknown;
}

export interface FirmwareReader {
  take(chunk: Uint8Array): void;
  finish(): FirmwareReading;
}

export interface FirmwareKind {
  /** With its article, for people. */
  readonly what: string;
  readonly sizeBytes: number;
  /** What files of this format begin with by `recogniseContainer`; `null`: nothing that it knows. */
  readonly kind: string | null;
  /** The code with which a file with such a fault is refused. */
  codeOf(rule: string): FaultCode;
}

const placed = ({ found, where, more }: PlacedFinding): string =>
  printable(`${found} (${where}${more === 0 ? '' : `, and ${more} more`})`);

function checkKind(head: Uint8Array, { what, kind, sizeBytes }: FirmwareKind): Check {
  const other = recogniseContainer(head);
  const ok = other === null || other.name === kind;
  const found = ok ? `${sizeBytes} bytes` : `${other.name} of ${sizeBytes} bytes`;
  const remedy = ok ? undefined : other.remedy;
  const check = { check: 'format', code: 'image-structure', expected: what, found, ok } as const;
  return remedy === undefined ? check : { ...check, remedy };
}

/** Takes a firmware file without a signature and judges it: every fault is a check that fails, the rest are notes. */
export function createFirmwareScanner(
  firmware: FirmwareKind,
  reader: FirmwareReader,
  sha256: () => Hasher,
): ImageScanner {
  const [hasher, head] = [sha256(), new Uint8Array(Math.min(firmware.sizeBytes, FILE_KIND_BYTES))];
  let [offset, crc] = [0, 0];
  return {
    take(chunk) {
      if (offset < head.length) head.set(chunk.subarray(0, head.length - offset), offset);
      offset += chunk.length;
      hasher.update(chunk);
      crc = crc32(chunk, crc);
      reader.take(chunk);
    },
    finish() {
      const { findings, parts, version, own } = reader.finish();
      const kind = checkKind(head, firmware);
      const faults = findings.flatMap((finding): readonly Check[] => {
        const { level, rule, expected } = finding;
        const check = { check: rule, code: firmware.codeOf(rule), found: placed(finding), ok: false };
        return level === 'error' ? [{ ...check, expected: printable(expected) }] : [];
      });
      const notes = findings.filter(({ level }) => level === 'note');
      const hash = hexOfBytes(hasher.digest());
      return {
        ...PLAIN,
        sizeBytes: firmware.sizeBytes,
        crc32: crc,
        sha256: hash,
        imageHash: hash,
        version,
        own,
        // What a file of another kind would break in this format says nothing.
        checks: kind.ok ? [kind, ...faults] : [kind],
        layout: kind.ok
          ? { parts, notes: notes.map((note) => `Expected ${printable(note.expected)}, found ${placed(note)}.`) }
          : null,
      };
    },
  };
}
