import { expect, test } from 'vitest';
import type { OpenRecord } from '../../src/protocol/commitment.ts';
import { isRecordOf } from '../../src/protocol/match.ts';
import { spacepack } from '../../src/protocol/spacepack/family.ts';

const record = { family: 'spacepack', memory: { bootCount: 1, session: '0'.repeat(16) } } as OpenRecord;

test('a record is of a device of its own family, if that understands it', () => {
  expect(isRecordOf(spacepack, record)).toBe(true);
  expect(isRecordOf({ ...spacepack, id: 'another' }, record)).toBe(false);
  expect(isRecordOf(spacepack, { ...record, memory: null })).toBe(false);
});
