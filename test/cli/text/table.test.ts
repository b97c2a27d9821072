import { expect, test } from 'vitest';
import { textOf } from '../../../src/cli/text/line.ts';
import { alignColumns, alignPairs } from '../../../src/cli/text/table.ts';

test('cells stand in columns, and the last is not padded', () => {
  const lines = alignColumns([
    ['a', { text: 'bbbb', tone: 'good' }, 'c'],
    ['aaa', 'b', 'cc'],
  ]);
  expect(lines.map(textOf)).toEqual(['a    bbbb  c', 'aaa  b     cc']);
});

test('pairs without a value are left out', () => {
  expect(
    alignPairs([
      ['mode', 'application'],
      ['battery', null],
      ['x', 'y'],
    ]).map(textOf),
  ).toEqual(['mode  application', 'x     y']);
});
