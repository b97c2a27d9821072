import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Compiles the program as the package ships it, to a place of that name where it finds its packages; the path of its script. */
export function buildProgram(name: string): string {
  const place = join(root, 'node_modules', '.cache', name);
  rmSync(place, { recursive: true, force: true });
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, 'package.json'), '{ "type": "module" }');
  const compiler = join(root, 'node_modules', '.bin', process.platform === 'win32' ? 'tsc.cmd' : 'tsc');
  const emitOnly = ['--noCheck', '-p', 'tsconfig.build.json', '--outDir', join(place, 'dist')];
  execFileSync(compiler, emitOnly, { cwd: root });
  return join(place, 'dist', 'src', 'cli', 'main.js');
}
