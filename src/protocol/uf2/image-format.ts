import { crc32 } from '../checksum.ts';
import { SpacepackError } from '../errors.ts';
import type { Hasher, ImageFormat } from '../family.ts';
import { hexOfBytes } from '../hex.ts';
import { ANY_HARDWARE, ANY_ID, type Check } from '../image-facts.ts';
import { parseVersion, requireVersion } from '../versions.ts';
import { UF2_MAGIC } from './block.ts';
import type { Uf2Finding } from './findings.ts';
import type { Uf2ImageFacts } from './plan.ts';
import { createUf2Scanner, type Uf2Scan } from './scan.ts';
import { wordAt } from './words.ts';

function checkOf({ rule, place, expected, found, more }: Uf2Finding): Check {
  const others = more > 0 ? `, and ${more} more like this` : '';
  return {
    check: rule,
    code: rule === 'cut-short' ? 'image-truncated' : 'image-structure',
    expected,
    found: `${found} (${place.field} of block ${place.block}${others})`,
    ok: false,
  };
}

function checksOf({ findings, images, files }: Uf2Scan): readonly Check[] {
  const wrong = findings.filter(({ level }) => level === 'error').map(checkOf);
  const hasFlash = images.some(({ map }) => map.length > 0);
  const found = hasFlash ? `${images.length}` : files.length > 0 ? 'only files that a device keeps' : 'none';
  const holds: Check = {
    check: 'families',
    code: 'image-structure',
    expected: 'blocks for flash memory',
    found,
    ok: hasFlash,
  };
  return [...wrong, holds];
}

function md5Of(create: (() => Hasher) | undefined): (bytes: Uint8Array) => Uint8Array {
  return (bytes) => {
    if (create === undefined) throw new TypeError('expected a way to make an MD5, found none');
    const hasher = create();
    hasher.update(bytes);
    return hasher.digest();
  };
}

/** UF2 files for the flash memory of one family or of several. */
export const uf2Format: ImageFormat = {
  extension: 'uf2',
  recognises: (head) =>
    head.length >= 8 && UF2_MAGIC.slice(0, 2).every(({ offset, value }) => wordAt(head, offset) === value),
  createScanner(sizeBytes, sha256, md5) {
    const scanner = createUf2Scanner(sizeBytes, md5Of(md5));
    const hasher = sha256();
    let crc = 0;
    return {
      take(chunk) {
        scanner.take(chunk);
        hasher.update(chunk);
        crc = crc32(chunk, crc);
      },
      finish() {
        const scan = scanner.finish();
        const digest = hexOfBytes(hasher.digest());
        const images = scan.images.filter(({ map }) => map.length > 0);
        const said = images.map(({ tags }) => parseVersion(tags.version ?? '')).find((version) => version !== null);
        const own: Uf2ImageFacts = { images };
        return {
          sizeBytes: scan.sizeBytes,
          crc32: crc,
          sha256: digest,
          imageHash: digest,
          version: said ?? requireVersion('0.0.0'),
          securityCounter: 0,
          vendorId: ANY_ID,
          productId: ANY_ID,
          hardware: ANY_HARDWARE,
          own,
          signature: 'unchecked',
          keyHash: null,
          checks: checksOf(scan),
        };
      },
    };
  },
  create() {
    throw new SpacepackError(
      'usage',
      'Expected an image of another format, found UF2, which this command cannot make.',
    );
  },
};
