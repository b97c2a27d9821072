import { spawn } from 'node:child_process';
import type { Clock } from './clock.ts';
import { type ProgramStart, type SystemProgram, startOf, thisHome } from './system-programs.ts';

/** How a system program ended. */
export interface Ran {
  /** Exit status; `null` if it could not be started, was killed, or took too long. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Why there is no status: it is not installed, took too long, printed too much, or was killed; else `null`. */
  readonly failure: 'missing' | 'too-slow' | 'too-long' | 'killed' | null;
}

export interface ProgramOptions {
  /** Killed and abandoned after this many ms. */
  readonly limitMs?: number;
  /** An open file as its standard input. */
  readonly stdin?: number;
}

/** Runs one of the system's programs, never through a shell. Always resolves. */
export type RunProgram = (program: SystemProgram, args: readonly string[], options?: ProgramOptions) => Promise<Ran>;

const LIMIT_MS = 30_000;
/** `ioreg -l` prints megabytes. */
const OUTPUT_BYTES = 64 * 1024 * 1024;

const MISSING: Ran = { status: null, stdout: '', stderr: '', failure: 'missing' };

/** Runs for real, as this computer's system has it. */
export const runProgram: RunProgram = async (program, args, options) => {
  const start = startOf(program, thisHome());
  return start === null ? MISSING : runFile(start, args, options);
};

/** Runs a program as it is to be started, in English. */
export function runFile(
  { file, folder, path }: ProgramStart,
  args: readonly string[],
  { limitMs = LIMIT_MS, stdin }: ProgramOptions = {},
): Promise<Ran> {
  return new Promise((resolve) => {
    const child = spawn(file, args, {
      cwd: folder,
      env: { ...process.env, ...(path !== null && { PATH: path }), LC_ALL: 'C', LANGUAGE: 'C' },
      stdio: [stdin ?? 'ignore', 'pipe', 'pipe'],
      windowsHide: true,
      // Ctrl-C at a terminal is for us: if it ended an unmount halfway, the volume would stay held.
      detached: process.platform !== 'win32',
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    let bytes = 0;
    const end = (status: number | null, failure: Ran['failure']): void => {
      clearTimeout(timer);
      // A killed program may hang in the kernel: we do not wait for it, and it must not keep this process alive.
      child.unref();
      child.stdout?.destroy();
      child.stderr?.destroy();
      const text = (chunks: Buffer[]): string => Buffer.concat(chunks).toString('utf8');
      resolve({ status, stdout: text(out), stderr: text(err), failure });
    };
    const kill = (failure: Ran['failure']): void => {
      child.kill('SIGKILL');
      end(null, failure);
    };
    const timer = setTimeout(() => kill('too-slow'), limitMs);
    const collect = (into: Buffer[]) => (chunk: Buffer) => {
      into.push(chunk);
      bytes += chunk.length;
      if (bytes > OUTPUT_BYTES) kill('too-long');
    };
    child.stdout?.on('data', collect(out));
    child.stderr?.on('data', collect(err));
    child.on('error', () => end(null, 'missing'));
    child.on('close', (status) => end(status, status === null ? 'killed' : null));
  });
}

/**
 * Runs programs that may take `ms` together: each is killed when its own limit or the remaining time is over, and not
 * started if no time is left. Time that this process missed does not count.
 */
export function runTogether(
  { run, clock }: { readonly run: RunProgram; readonly clock: Clock },
  ms: number,
): RunProgram {
  let leftMs = ms;
  return async (program, args, options = {}) => {
    if (leftMs <= 0) return { status: null, stdout: '', stderr: '', failure: 'too-slow' };
    const startedAt = clock.now();
    const gaps = clock.gaps();
    const ran = await run(program, args, { ...options, limitMs: Math.min(options.limitMs ?? LIMIT_MS, leftMs) });
    if (clock.gaps() === gaps) leftMs -= clock.now() - startedAt;
    return ran;
  };
}
