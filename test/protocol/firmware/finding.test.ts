import { expect, test } from 'vitest';
import { createFindings } from '../../../src/protocol/firmware/finding.ts';

test('of each rule and field the first finding is kept, and the others are counted', () => {
  const findings = createFindings<'size' | 'order', { field: string; block: number }>({ size: 'error', order: 'note' });
  findings.add('order', { field: 'address', block: 3 }, 'a', 'b');
  findings.add('size', { field: 'payload', block: 4 }, 'c', 'd');
  findings.add('order', { field: 'number', block: 5 }, 'e', 'f');
  for (const block of [6, 7]) findings.add('order', { field: 'address', block }, 'g', 'h');
  expect(findings.list()).toEqual([
    { level: 'note', rule: 'order', place: { field: 'address', block: 3 }, expected: 'a', found: 'b', more: 2 },
    { level: 'error', rule: 'size', place: { field: 'payload', block: 4 }, expected: 'c', found: 'd', more: 0 },
    { level: 'note', rule: 'order', place: { field: 'number', block: 5 }, expected: 'e', found: 'f', more: 0 },
  ]);
});
