import { createMapBuilder } from '../firmware/map-builder.ts';
import type { MemoryMap } from '../firmware/memory-map.ts';
import { toHex } from '../hex.ts';
import type { Uf2Block } from './block.ts';
import type { Uf2Findings } from './findings.ts';
import { createMd5Check, type Md5 } from './md5-check.ts';
import { createNumbering } from './numbering.ts';
import { buildUf2Map } from './overlaps.ts';
import { createSectorSteps } from './sector-steps.ts';
import { areSameUf2Tags, factsOfUf2Tags, type Uf2Tag, type Uf2TagFacts } from './tags.ts';

/** What a file holds for one family: what a board of it sees. */
export interface Uf2FamilyImage {
  /** `null`: the blocks name none. */
  readonly familyId: number | null;
  readonly map: MemoryMap;
  /** All blocks that name the family, also those that are repeated. */
  readonly blocks: number;
  /** Those of them that are not for the main flash. */
  readonly comments: number;
  /** How many times the numbers of the blocks begin at 0. */
  readonly parts: number;
  /** Whether each block for flash holds 256 bytes at a multiple of 256. */
  readonly isPaged: boolean;
  /** Whether the blocks of each 16 numbers are all those of one sector of 4096 bytes, and no other's. */
  readonly isInStep: boolean;
  /** From the first block that says something. */
  readonly tags: Uf2TagFacts;
}

export const UF2_PAGE_BYTES = 256;

export interface FamilyImageBuilder {
  take(block: Uf2Block, position: number): void;
  finish(): Uf2FamilyImage;
}

export function createFamilyImage(
  familyId: number | null,
  findings: Uf2Findings,
  { md5, expectedBytes }: { readonly md5: Md5; readonly expectedBytes: number },
): FamilyImageBuilder {
  const builder = createMapBuilder(expectedBytes);
  const numbering = createNumbering(findings);
  const md5Check = createMd5Check(findings, md5);
  let [blocks, comments, isPaged] = [0, 0, true];
  let tags: Uf2TagFacts = factsOfUf2Tags([]);
  let lastTags: readonly Uf2Tag[] = [];
  let [lastNumber, lastAddress] = [0, 0];
  const step = createSectorSteps();

  function checkOrder({ number, address }: Uf2Block, position: number): void {
    // With number 0 a new part begins, at any address.
    const isApart = number > lastNumber ? address < lastAddress : number < lastNumber && address > lastAddress;
    if (isApart && number > 0) {
      const place = { block: position, field: 'address' } as const;
      const expected = `addresses that rise with the numbers, as ${toHex(lastAddress, 8)} of ${lastNumber}`;
      findings.add('address-order', place, expected, `${toHex(address, 8)} of ${number}`);
    }
    lastNumber = number;
    lastAddress = address;
  }

  function takeTags(block: Uf2Block, position: number): void {
    // In a usual file, either one block has tags or all have the same.
    if (areSameUf2Tags(block.tags, lastTags)) return;
    lastTags = block.tags.map(({ type, value }) => ({ type, value: value.slice() }));
    const facts = factsOfUf2Tags(block.tags);
    for (const key of ['version', 'device', 'pageBytes', 'sha2', 'deviceType'] as const) {
      const [first, found] = [tags[key], facts[key]];
      if (first === null) tags = { ...tags, [key]: found };
      else if (found !== null && found !== first) {
        findings.add('tags-differ', { block: position, field: 'extension tags' }, `${first}, as before`, `${found}`);
      }
    }
  }

  return {
    take(block, position) {
      const { address, payload, kind } = block;
      blocks++;
      numbering.take(block, position);
      takeTags(block, position);
      if (kind === 'comment') {
        comments++;
        findings.add('comment', { block: position, field: 'flags' }, 'blocks for the main flash', 'one to be skipped');
        return;
      }
      if (familyId === null) {
        findings.add('no-family', { block: position, field: 'family id' }, 'the family of the board', 'none');
      }
      if (payload.length !== UF2_PAGE_BYTES || address % UF2_PAGE_BYTES !== 0) {
        const field = payload.length === UF2_PAGE_BYTES ? 'address' : 'payload size';
        const found = `${payload.length} bytes at ${toHex(address, 8)}`;
        findings.add('not-a-page', { block: position, field }, '256 bytes at a multiple of 256', found);
        isPaged = false;
      }
      checkOrder(block, position);
      step.take(block);
      md5Check.take(block, position);
      builder.add(address, payload, position);
    },
    finish() {
      const parts = numbering.finish();
      const map = buildUf2Map(builder, findings);
      md5Check.finish(map);
      return { familyId, map, blocks, comments, parts, isPaged, isInStep: step.isKept(), tags };
    },
  };
}
