import { toHex } from '../hex.ts';
import { UF2_BLOCK_BYTES, type Uf2Block } from './block.ts';
import { type ContainedFiles, createContainedFiles, type Uf2ContainedFile } from './contained-files.ts';
import { decodeUf2Block } from './decode-block.ts';
import { isE10Block } from './e10.ts';
import { createFamilyImage, type FamilyImageBuilder, type Uf2FamilyImage } from './family-image.ts';
import { createUf2Findings, type Uf2Finding } from './findings.ts';
import type { Md5 } from './md5-check.ts';

/** What a UF2 file holds. Do not use its maps if a finding is an error. */
export interface Uf2Scan {
  readonly sizeBytes: number;
  /** All blocks of 512 bytes, whatever is in them. */
  readonly blocks: number;
  /** In the order in which they appear. */
  readonly images: readonly Uf2FamilyImage[];
  readonly files: readonly Uf2ContainedFile[];
  /** Where the block that RP2350-E10 needs would be written; it is in no image. `null`: there is none. */
  readonly e10Address: number | null;
  /** In the order in which they were met. */
  readonly findings: readonly Uf2Finding[];
}

/** In bytes, of the file: two for each of the largest flash memory that is updated in this way. */
const MOST_BYTES = 128 * 1024 * 1024;

/**
 * Reads a UF2 file in one pass: any bytes, in chunks of any size. `expectedBytes`, of the file, may be wrong: memory is
 * planned by it, no more.
 */
export function createUf2Scanner(
  expectedBytes: number,
  md5: Md5,
): { take(chunk: Uint8Array): void; finish(): Uf2Scan } {
  const findings = createUf2Findings();
  const images = new Map<number | null, FamilyImageBuilder>();
  const partial = new Uint8Array(UF2_BLOCK_BYTES);
  let files: ContainedFiles | null = null;
  let [sizeBytes, partialBytes, blocks] = [0, 0, 0];
  let e10Address: number | null = null;

  function imageOf(familyId: number | null): FamilyImageBuilder {
    const known = images.get(familyId);
    if (known !== undefined) return known;
    // A page in each block, which the first family has to itself in a usual file.
    const room = images.size === 0 ? Math.min(expectedBytes, MOST_BYTES) / 2 : 0;
    const image = createFamilyImage(familyId, findings, { md5, expectedBytes: Math.floor(room) });
    images.set(familyId, image);
    return image;
  }

  function takeDecoded(block: Uf2Block, position: number): void {
    if (block.otherFlags !== 0) {
      const place = { block: position, field: 'flags' } as const;
      findings.add('unknown-flags', place, 'flags that are known', toHex(block.otherFlags, 8));
    }
    if (isE10Block(block)) {
      const place = { block: position, field: 'family id' } as const;
      findings.add('e10', place, 'blocks of the image', `the one for RP2350-E10, at ${toHex(block.address, 8)}`);
      e10Address ??= block.address;
    } else if (block.kind === 'file') {
      files ??= createContainedFiles(findings);
      files.take(block, position);
    } else imageOf(block.familyId).take(block, position);
  }

  function takeBlock(bytes: Uint8Array, start: number): void {
    const position = blocks++;
    const block = decodeUf2Block(bytes, start);
    if (block.ok) takeDecoded(block.value, position);
    else findings.add('malformed', { block: position, field: block.field }, block.expected, block.found);
  }

  /** Returns what is left for blocks of its own. */
  function fillPartial(chunk: Uint8Array): Uint8Array {
    const part = chunk.subarray(0, UF2_BLOCK_BYTES - partialBytes);
    partial.set(part, partialBytes);
    partialBytes += part.length;
    if (partialBytes === UF2_BLOCK_BYTES) {
      partialBytes = 0;
      takeBlock(partial, 0);
    }
    return chunk.subarray(part.length);
  }

  return {
    take(chunk) {
      sizeBytes += chunk.length;
      if (sizeBytes > MOST_BYTES) return;
      // A view of a plain array is made several times as fast as one of a Buffer.
      const plain = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length);
      const rest = partialBytes > 0 ? fillPartial(plain) : plain;
      const whole = rest.length - (rest.length % UF2_BLOCK_BYTES);
      for (let offset = 0; offset < whole; offset += UF2_BLOCK_BYTES) {
        takeBlock(rest, offset);
      }
      if (whole < rest.length) fillPartial(rest.subarray(whole));
    },
    finish() {
      const end = { block: blocks, field: 'file' } as const;
      if (sizeBytes > MOST_BYTES) {
        findings.add('size', end, `a file of at most ${MOST_BYTES} bytes`, `${sizeBytes}`);
      } else if (partialBytes > 0) {
        findings.add('cut-short', end, `${UF2_BLOCK_BYTES} bytes in each block`, `${partialBytes} in the last`);
      }
      const made = Array.from(images.values(), (image) => image.finish());
      const contained = files?.finish() ?? [];
      if (contained.length === 0 && made.every(({ map }) => map.length === 0)) {
        findings.add('empty', end, 'a block for flash memory or of a file', 'none');
      }
      return { sizeBytes, blocks, images: made, files: contained, e10Address, findings: findings.list() };
    },
  };
}
