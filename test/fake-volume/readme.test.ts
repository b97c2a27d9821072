import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import * as spacepack from '../../src/index.ts';
import { temporaryFolder } from '../cli/harness.ts';
import * as fakeVolume from './index.ts';

const readme = readFileSync(new URL('README.md', import.meta.url), 'utf8');

test('the example of README.md updates a device, and prints what README.md says', async () => {
  const example = /```js\n([^`]*)```/.exec(readme)?.[1] ?? '';
  const code = example
    .replaceAll(/import (\{.*\}) from ('.*');/g, 'const $1 = modules[$2];')
    .replaceAll("'firmware.dfu'", JSON.stringify(join(temporaryFolder(), 'firmware.dfu')));
  const printed: unknown[] = [];
  const modules = { 'node:fs': await import('node:fs'), spacepack, 'spacepack/fake-volume': fakeVolume };
  const AsyncFunction = (async () => {}).constructor as FunctionConstructor;
  await AsyncFunction('modules', 'console', code)(modules, { log: (...words: unknown[]) => printed.push(...words) });
  expect(printed).toEqual(['applied', 'A200', []]);
  expect(readme).toContain('It prints `applied A200 []`');
});

test('README.md names every value that the package exports, and no other', () => {
  const table = readme.split('## What to import')[1]?.split('##')[0] ?? '';
  const named = [...table.matchAll(/`([A-Za-z_]+)`/g)].map(([, name]) => name);
  expect(named.filter((name) => name !== 'Card').sort()).toEqual(Object.keys(fakeVolume).sort());
});
