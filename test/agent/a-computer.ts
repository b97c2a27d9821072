import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AgentComputer } from '../../src/agent/agent-computer.ts';
import { systemClock } from '../../src/computer/clock.ts';
import type { Ran } from '../../src/computer/run-program.ts';
import { FAMILIES } from '../../src/protocol/families.ts';

/** What running a program gives that is not installed. */
export const MISSING: Ran = { status: null, stdout: '', stderr: '', failure: 'missing' };

/** How a program ended that printed this. */
export function ran(status: number, stdout = '', stderr = ''): Ran {
  return { status, stdout, stderr, failure: null };
}

/** What a systemctl prints that obeys: in a chroot it prints nothing, and exits with 0 as well. */
export function obeyed(args: readonly string[]): Ran {
  if (args.includes('show')) return ran(0, 'Version=252.39-1~deb12u1\n');
  return ran(0, args.includes('is-active') ? 'active\n' : '');
}

/** A computer with a new home, on which nothing is installed, but for what the test says. */
export function aComputer(parts: Partial<AgentComputer> = {}): AgentComputer {
  const home = parts.home ?? mkdtempSync(join(tmpdir(), 'spacepack-home-'));
  return {
    families: FAMILIES,
    platform: 'linux',
    uid: process.getuid?.() ?? 501,
    home,
    variables: {},
    run: async () => MISSING,
    clock: systemClock,
    date: () => new Date(),
    program: async () => ({ node: process.execPath, script: join(process.cwd(), 'package.json') }),
    stateDirectory: async () => join(home, 'state'),
    cacheDirectory: async () => join(home, 'cache'),
    logDirectory: async () => join(home, 'logs'),
    ...parts,
  };
}
