import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { isRightNode, NODE_RANGE } from '../../src/cli/node-version.ts';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

test('package.json says the same', () => {
  expect(JSON.parse(read('package.json')).engines).toEqual({ node: NODE_RANGE });
});

test.each([
  ['20.19.0', true],
  ['20.19.5', true],
  ['22.12.0', true],
  ['22.17.1', true],
  ['23.0.0', true],
  ['24.1.0', true],
  ['12.22.12', false],
  ['18.20.8', false],
  ['20.18.3', false],
  ['21.7.3', false],
  ['22.11.0', false],
])('Node.js %s: %s', (version, is) => {
  expect(isRightNode(version)).toBe(is);
});

test('what an old Node.js reads before it can say so has no syntax that came later', () => {
  const main = read('src/cli/main.ts');
  const imported = [...main.matchAll(/^import .* from '(.*)';$/gm)].map(([, from]) => from);
  expect(imported.sort()).toEqual(['./node-version.ts', './version.ts']);
  for (const text of [main, read('src/cli/node-version.ts'), read('src/cli/version.ts')]) {
    expect(text.replace(/\/\/.*|\/\*[\s\S]*?\*\//g, '')).not.toMatch(/\bawait\b|\?\?|\?\.|\|\|=|&&=|node:|#\w/);
  }
});
