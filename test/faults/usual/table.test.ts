import { expect, test } from 'vitest';
import { strikesAt } from '../points.ts';
import type { Point } from '../strike.ts';
import { parseTable, tableOf, textOf } from '../table.ts';

const change: Point = { call: 'fsync', path: 'volume/SPACEPACK', occurrence: 2, stage: '' };
const before: Point = { call: 'open', path: 'home/config/settings.toml', occurrence: 1, stage: 'start' };
const behind: Point = { call: 'close', path: 'volume/SPACEPACK', occurrence: 1, stage: 'fsync volume/SPACEPACK 2' };
const rows = strikesAt([before, change, behind]).map((strike) => ({
  strike,
  ended: strike.harm === 'hang' ? 'nothing, applied **no result**' : 'applied, already-current',
}));

test('a table that was kept is read as it was', () => {
  const table = tableOf(rows);
  expect(parseTable(textOf('update', table))).toEqual(table);
});

test('its sums count the cases and what was wrong with them', () => {
  const text = textOf('update', tableOf(rows));
  expect(text).toContain(`| cases | ${rows.length} |`);
  expect(text).toContain('| no result | 3 |');
  expect(text).toContain('| false word | 0 |');
});
