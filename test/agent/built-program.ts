import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/**
 * Compiles the program as the package ships it, to a place of that name where it finds its packages, but for the optional drivelist; the
 * path of its script.
 */
export function buildProgram(name: string): string {
  const place = join(root, 'node_modules', '.cache', name);
  rmSync(place, { recursive: true, force: true });
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, 'package.json'), '{ "type": "module" }');
  // An empty package hides the one that this checkout may have.
  const drivelist = join(place, 'node_modules', 'drivelist');
  mkdirSync(drivelist, { recursive: true });
  writeFileSync(join(drivelist, 'package.json'), '{ "name": "drivelist" }');
  const compiler = join(root, 'node_modules', '.bin', process.platform === 'win32' ? 'tsc.cmd' : 'tsc');
  const emitOnly = ['--noCheck', '-p', 'tsconfig.build.json', '--outDir', join(place, 'dist')];
  execFileSync(compiler, emitOnly, { cwd: root });
  return join(place, 'dist', 'src', 'cli', 'main.js');
}
