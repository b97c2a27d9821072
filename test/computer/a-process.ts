import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, onTestFinished } from 'vitest';

/** Whether a program can be run here, with these rights. */
export function canRun(program: string, ...args: readonly string[]): boolean {
  try {
    execFileSync(program, args, { stdio: 'ignore', timeout: 20_000 });
    return true;
  } catch {
    return false;
  }
}

/** Runs what follows it as a user who is nobody. */
export const AS_NOBODY: readonly string[] = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];

/**
 * A module of ours and what it imports, compiled into a folder that every user may read: for processes of their own, which no test
 * runner helps to read TypeScript. Gives the path of what was made of `source`.
 */
export function compiled(source: string): string {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const folder = mkdtempSync(join(tmpdir(), 'spacepack-compiled-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const settings = join(folder, 'tsconfig.json');
  const compilerOptions = {
    rootDir: root,
    outDir: folder,
    noEmit: false,
    noCheck: true,
    isolatedDeclarations: false,
    declaration: false,
    typeRoots: [join(root, 'node_modules', '@types')],
  };
  const extended = join(root, 'tsconfig.build.json');
  writeFileSync(
    settings,
    JSON.stringify({ extends: extended, compilerOptions, include: [], files: [join(root, source)] }),
  );
  execFileSync(process.execPath, [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', settings]);
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  chmodSync(folder, 0o755);
  return join(folder, source.replace(/\.ts$/, '.js'));
}

/** A process that goes on until it is killed. */
export interface Other {
  readonly child: ChildProcess;
  /** The first line that it wrote. */
  readonly said: string;
}

/** Runs a module's text by node, behind programs that give it another user or other namespaces; resolves at its first line. */
export async function otherProcess(script: string, before: readonly string[] = []): Promise<Other> {
  const [program = '', ...args] = [...before, process.execPath, '--input-type=module', '-e', script];
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env['PATH'] },
    cwd: '/',
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const said = await new Promise<string>((resolve, reject) => {
    let text = '';
    child.stdout.on('data', (bytes) => {
      text += String(bytes);
      if (text.includes('\n')) resolve(text.trim());
    });
    child.once('error', reject);
    child.once('close', () => reject(new Error(`expected a line, found an end: ${text}`)));
  });
  return { child, said };
}

/** Kills it; resolves when it has ended. */
export async function killed({ child }: Other): Promise<void> {
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
}
