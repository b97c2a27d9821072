import { createFindings, type FileFinding, type FindingLevel, type FindingList } from '../finding.ts';
import type { HexField, HexRecordRule } from './record.ts';

/** Where in the file; both count from 1. */
export interface HexPlace {
  readonly line: number;
  readonly column: number;
  readonly field: HexField;
}

/** What is wrong or remarkable: in one record, or in the file. */
export type HexRule =
  | HexRecordRule
  | 'wrap'
  | 'overlap'
  | 'no-end'
  | 'after-end'
  | 'empty'
  | 'size'
  | 'repeated'
  | 'order'
  | 'offset'
  | 'blank-line'
  | 'start-address';

export type HexFinding = FileFinding<HexRule, HexPlace>;

const LEVELS: Readonly<Record<HexRule, FindingLevel>> = {
  start: 'error',
  digit: 'error',
  length: 'error',
  checksum: 'error',
  type: 'error',
  // Beyond offset FFFF some readers go on, and others start again at 0.
  wrap: 'error',
  overlap: 'error',
  'no-end': 'error',
  'after-end': 'error',
  empty: 'error',
  size: 'error',
  repeated: 'note',
  order: 'note',
  offset: 'note',
  'blank-line': 'note',
  'start-address': 'note',
};

export function createHexFindings(): FindingList<HexRule, HexPlace> {
  return createFindings(LEVELS);
}
