import type { ImageFormat } from '../family.ts';
import { endOfRange, type MemoryMap } from '../firmware/memory-map.ts';
import { createFirmwareScanner } from '../firmware/scanner.ts';
import { toHex } from '../hex.ts';
import type { ImageFacts, ImagePart } from '../image-facts.ts';
import { parseVersion, type Version } from '../versions.ts';
import { uf2FamilyOfId } from './family-ids.ts';
import type { Uf2FamilyImage } from './family-image.ts';
import { createUf2Scanner, type Uf2Scan } from './scan.ts';

const TRUNCATED: readonly string[] = ['cut-short', 'missing', 'empty', 'file-hole'];

const spansOf = (map: MemoryMap): ImagePart['ranges'] =>
  map.map((range) => ({ start: range.address, end: endOfRange(range) }));

function partOf({ familyId, map, blocks, tags }: Uf2FamilyImage): ImagePart {
  const { version, device, deviceType } = tags;
  const name = familyId === null ? null : (uf2FamilyOfId(familyId)?.name ?? 'a family that is not in the list');
  const said = Object.entries({ version, device, 'device type': deviceType });
  return {
    target: familyId === null ? null : `${name} (${toHex(familyId, 8)})`,
    ranges: spansOf(map),
    says: [['blocks', `${blocks}`], ...said.flatMap(([key, text]) => (text === null ? [] : [[key, text] as const]))],
  };
}

/** `null`: no tag tells one, or two tell different ones. */
function versionOf({ images }: Uf2Scan): Version | null {
  const told = new Set(images.flatMap(({ tags: { version } }) => (version === null ? [] : [version])));
  const [version, ...others] = told;
  return version === undefined || others.length > 0 ? null : parseVersion(version);
}

function partsOf({ images, files }: Uf2Scan): readonly ImagePart[] {
  const kept = files.map(({ name, map, sizeBytes }) => ({
    target: `a file: ${name}`,
    ranges: spansOf(map),
    says: [['size', `${sizeBytes} bytes`] as const],
  }));
  return [...images.map(partOf), ...kept];
}

/** UF2 (microsoft/uf2). */
export const uf2Format: ImageFormat = {
  name: 'UF2',
  extension: 'uf2',
  recognises: (head) => (String.fromCharCode(...head.subarray(0, 4)) === 'UF2\n' ? 'yes' : 'no'),
  createScanner(sizeBytes, sha256, md5) {
    const scanner = createUf2Scanner(sizeBytes, (bytes) => {
      const hasher = md5();
      hasher.update(bytes);
      return hasher.digest();
    });
    const codeOf = (rule: string) =>
      TRUNCATED.includes(rule) ? 'image-truncated' : rule === 'md5' ? 'image-hash' : 'image-structure';
    const reader = {
      take: scanner.take,
      finish() {
        const scan = scanner.finish();
        const findings = scan.findings.map((finding) => {
          const { block, field } = finding.place;
          return { ...finding, where: `block ${block}, ${field}` };
        });
        return { findings, parts: partsOf(scan), version: versionOf(scan), own: scan };
      },
    };
    return createFirmwareScanner({ what: 'a UF2 file', sizeBytes, kind: 'a UF2 file', codeOf }, reader, sha256);
  },
  create: null,
};

/** What is in the blocks of an image; `null`: it is of another format. */
export function uf2ScanOf({ format, own }: Pick<ImageFacts, 'format' | 'own'>): Uf2Scan | null {
  return format === uf2Format.name ? (own as Uf2Scan) : null;
}
