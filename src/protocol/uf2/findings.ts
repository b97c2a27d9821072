import { createFindings, type FileFinding, type FindingLevel, type FindingList } from '../firmware/finding.ts';
import type { Uf2Field } from './block.ts';

/** Where in the file. */
export interface Uf2Place {
  /** By position, whatever number it bears; the first is 0. */
  readonly block: number;
  readonly field: Uf2Field;
}

const ERRORS = {
  /** Not a UF2 block, or one that contradicts itself. */
  malformed: 'error',
  /** The file ends within a block. */
  'cut-short': 'error',
  size: 'error',
  /** Nothing for any flash memory, and no file. */
  empty: 'error',
  /** Numbers and counts do not add up, so the board would wait for more, or leave too early. */
  count: 'error',
  number: 'error',
  'number-twice': 'error',
  missing: 'error',
  /** Two blocks give different bytes for an address. */
  overlap: 'error',
  /** The MD5 of a region is not that of the file's own bytes. */
  md5: 'error',
  'file-size': 'error',
  'file-hole': 'error',
} as const;

const NOTES = {
  /** The same bytes for the same addresses again. */
  repeated: 'note',
  order: 'note',
  /** A higher number with a lower address, which no tool writes: the address may have been damaged. */
  'address-order': 'note',
  /** Numbers begin again within a family: boards that count over all of its blocks never have enough. */
  parts: 'note',
  /** Not 256 bytes at a multiple of 256: some bootloaders ignore such blocks. */
  'not-a-page': 'note',
  /** Not for the main flash: TinyUF2 does not count such blocks, so it waits for more. */
  comment: 'note',
  /** Most bootloaders ignore blocks without a family. */
  'no-family': 'note',
  'unknown-flags': 'note',
  'tags-differ': 'note',
  /** The file has not all bytes of a region, so its MD5 cannot be checked. */
  'md5-unchecked': 'note',
  'md5-elsewhere': 'note',
  /** The block that RP2350-E10 needs before the others. */
  e10: 'note',
} as const;

export type Uf2Rule = keyof typeof ERRORS | keyof typeof NOTES;
export type Uf2Finding = FileFinding<Uf2Rule, Uf2Place>;
export type Uf2Findings = FindingList<Uf2Rule, Uf2Place>;

export function createUf2Findings(): Uf2Findings {
  const levels: Readonly<Record<Uf2Rule, FindingLevel>> = { ...ERRORS, ...NOTES };
  return createFindings(levels);
}
