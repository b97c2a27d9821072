import { systemClock } from '../../src/computer/clock.ts';
import type { Ran, RunProgram } from '../../src/computer/run-program.ts';
import type { Computer } from '../../src/volume/computer.ts';

/** How a program ended that printed this. */
export function ran(stdout: string, status = 0, stderr = ''): Ran {
  return { status, stdout, stderr, failure: null };
}

/** What running a program gives that is not installed. */
export const MISSING: Ran = { status: null, stdout: '', stderr: '', failure: 'missing' };

/** A machine on which nothing is installed and nothing is known, but for what the test says. */
export function aComputer(parts: Partial<Computer> & { readonly platform?: NodeJS.Platform }): Computer {
  const { platform = 'linux', ...rest } = parts;
  return {
    run: async () => MISSING,
    drivelist: () => Promise.reject(new Error('Could not locate the bindings file. Tried:\n → …')),
    clock: systemClock,
    system: { platform, env: {}, uid: 1000, program: '/usr/bin/node' },
    proc: '/nowhere/proc',
    sys: '/nowhere/sys',
    runDirectory: '/nowhere/run',
    dev: '/nowhere/dev',
    volumes: '/nowhere/Volumes',
    letterRoot: (letter) => `/nowhere/${letter}`,
    ...rest,
  };
}

/** Programs that answer by a table; `asked` are the command lines in order. */
export function programs(table: Readonly<Record<string, (args: readonly string[]) => Ran | Promise<Ran>>>): {
  readonly run: RunProgram;
  readonly asked: string[];
} {
  const asked: string[] = [];
  return {
    asked,
    run: async (program, args) => {
      asked.push([program, ...args].join(' '));
      return (await table[program]?.(args)) ?? MISSING;
    },
  };
}
