import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../', import.meta.url));
const text = readFileSync(join(root, 'SECURITY.md'), 'utf8');

interface Row {
  readonly who: string;
  readonly cells: readonly string[];
}

/** The rows of all tables, with the heading that each is under. */
function rowsOf(page: string): readonly Row[] {
  return page.split(/^### /m).flatMap((section) => {
    const [who = '', ...lines] = section.split('\n');
    const rows = lines.filter((line) => line.startsWith('| '));
    return rows.slice(1).map((line) => ({ who, cells: line.slice(2, -2).split(' | ') }));
  });
}

const REFERENCE = /`(test\/[^`]+\.test\.ts)`: "((?:\\"|[^"])+)"/g;

/** The names of the tests in a file, and of the groups that they are in. */
function titlesOf(file: string): readonly string[] {
  const source = readFileSync(join(root, file), 'utf8');
  const named = /(['"`])((?:\\.|(?!\1)[^\\\n])+)\1,\s*(?:async\s*)?\(/g;
  return [...source.matchAll(named)].map(([, , title = '']) => title.replace(/\\(.)/g, '$1'));
}

describe('the threat model', () => {
  const rows = rowsOf(text);

  test('has rows for each who', () => {
    expect([...new Set(rows.map(({ who }) => who))]).toEqual([
      'The network',
      'The server',
      'The copy of the published folder',
      'Keys',
      'The card',
      'The device',
      'Other users of the computer',
      'sudo',
      'The supply chain',
    ]);
  });

  test.each(rows.map(({ who, cells }) => [`${who}: ${cells[0]}`, cells] as const))(
    '%s: is stopped by something that a test shows',
    (_, cells) => {
      expect(cells).toHaveLength(3);
      const [what, stops, shown = ''] = cells;
      expect([what, stops].every(Boolean)).toBe(true);
      const references = [...shown.matchAll(REFERENCE)];
      expect(shown.replace(REFERENCE, '').replace(/[; ]/g, '')).toBe('');
      expect(references.length).toBeGreaterThan(0);
      for (const [, file = '', title = ''] of references) {
        expect([file, existsSync(join(root, file))]).toEqual([file, true]);
        expect(titlesOf(file)).toContain(title.replaceAll('\\"', '"'));
      }
    },
  );
});

test('where to report exists: no page is named that the package does not name', () => {
  const described: unknown = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const pages = text.match(/https?:[^\s)]+/g) ?? [];
  expect(pages.filter((page) => !JSON.stringify(described).includes(page))).toEqual([]);
  expect(text).toContain('npm view spacepack maintainers');
  expect(described).toMatchObject({ name: 'spacepack' });
});
