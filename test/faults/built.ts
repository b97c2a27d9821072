import { execFileSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildProgram } from '../agent/built-program.ts';

/** Set by `build` for the processes of the tests: two sessions of them must not build over each other. */
const PLACE = 'SPACEPACK_FAULTS_PLACE';
const place = (): string => process.env[PLACE] ?? '';

/** The script of the real program, as the package ships it. */
export const mainScript = (): string => join(place(), 'dist', 'src', 'cli', 'main.js');

/** The library that does harm to it; there is none where nothing compiles C, or the system is not Linux. */
export const library = (): string => join(place(), 'preload.so');

/** Whether the real program can be harmed here. */
export const canStrike = (): boolean => existsSync(library());

/** Builds both; gives what removes them. */
export function build(): () => void {
  const main = buildProgram(`spacepack-faults-${process.pid}`);
  const made = join(main, '..', '..', '..', '..');
  process.env[PLACE] = made;
  compileLibrary(library());
  return () => rmSync(made, { recursive: true, force: true });
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
