import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../', import.meta.url));
const [, recipes = ''] = readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8').split('## Recipes');
const steps = recipes.split(/^- \*\*/m).slice(1);

/** Whoever follows a recipe finds the files that it names, and in each the word that it says stands there. */
test.each(steps.map((step) => [step.split('**')[0], step] as const))('%s', (_, step) => {
  const files = [...step.matchAll(/`((?:src|test|docs)\/[^`]+|[A-Z]+\.md)`(?:\s(?:as|has)\s`(\w+)`|\s\(`(\w+)`\))?/g)];
  expect(files.length).toBeGreaterThanOrEqual(2);
  for (const [, file = '', has, stands] of files) {
    const path = join(root, file);
    expect([file, existsSync(path)]).toEqual([file, true]);
    expect(readFileSync(path, 'utf8')).toContain(has ?? stands ?? '');
  }
});

test('there is a recipe for each thing that is added again and again', () => {
  expect(steps.map((step) => step.split('**')[0])).toEqual([
    'An option of a command',
    'A scenario',
    'A device family',
    'A system',
    'A fault code',
  ]);
});
