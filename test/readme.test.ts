import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../', import.meta.url));
const tsc = join(createRequire(import.meta.url).resolve('typescript/package.json'), '..', 'lib', 'tsc.js');

/** What users of the library copy must pass our own compiler flags. */
test('the samples of README compile, as a user of the package would write them', () => {
  const samples = [...readFileSync(join(root, 'README.md'), 'utf8').matchAll(/^```js\n(.*?)^```$/gms)];
  expect(samples.length).toBeGreaterThanOrEqual(2);
  const folder = join(root, 'node_modules', '.cache', `spacepack-readme-${process.pid}`);
  try {
    mkdirSync(folder, { recursive: true });
    for (const [index, [, text = '']] of samples.entries())
      writeFileSync(join(folder, `sample-${index}.mts`), `${text}export {};\n`);
    const paths = { spacepack: ['./src/index.ts'], 'spacepack/fake-volume': ['./test/fake-volume/index.ts'] };
    const compilerOptions = {
      rootDir: root,
      noEmit: true,
      noUnusedLocals: false,
      paths: Object.fromEntries(Object.entries(paths).map(([name, [path = '']]) => [name, [join(root, path)]])),
    };
    const settings = { extends: join(root, 'tsconfig.json'), compilerOptions, include: ['*.mts'] };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(settings));
    expect(() =>
      execFileSync(process.execPath, [tsc, '-p', folder], { stdio: 'pipe', encoding: 'utf8' }),
    ).not.toThrow();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 120_000);
