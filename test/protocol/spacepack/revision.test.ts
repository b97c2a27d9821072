import { expect, test } from 'vitest';
import { describeRevision } from '../../../src/protocol/spacepack/revision.ts';

test.each([
  ['A100', 'firmware 1.0'],
  ['A112', 'firmware 1.12'],
  ['AZ99', 'firmware 35.99'],
  ['B000', 'its bootloader'],
  ['1.00', null],
  ['', null],
  [null, null],
])('the INQUIRY revision %s hints at %s (protocol §9.7)', (revision, expected) => {
  expect(describeRevision(revision)).toBe(expected);
});
