import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildProgram } from '../agent/built-program.ts';

const NAME = 'spacepack-faults-test';
const place = fileURLToPath(new URL(`../../node_modules/.cache/${NAME}/`, import.meta.url));

/** The script of the real program, as the package ships it. */
export const MAIN: string = join(place, 'dist', 'src', 'cli', 'main.js');

/** The library that does harm to it; there is none where nothing compiles C, or the system is not Linux. */
export const LIBRARY: string = join(place, 'preload.so');

/** Whether the real program can be harmed here. */
export const canStrike = (): boolean => existsSync(LIBRARY);

/** Builds both. */
export function build(): void {
  buildProgram(NAME);
  compileLibrary(LIBRARY);
}

/** Compiles preload.c to `path`; false where nothing compiles C, or the system is not Linux. */
export function compileLibrary(path: string): boolean {
  if (process.platform !== 'linux') return false;
  const source = fileURLToPath(new URL('preload.c', import.meta.url));
  for (const compiler of ['cc', 'gcc', 'clang']) {
    try {
      execFileSync(compiler, ['--version'], { stdio: 'ignore' });
    } catch {
      continue;
    }
    execFileSync(compiler, ['-O2', '-Wall', '-Wextra', '-Werror', '-shared', '-fPIC', '-o', path, source]);
    return true;
  }
  return false;
}
