import type { Ran, RunProgram } from '../../computer/run-program.ts';

/** PowerShell takes a second to start, several on a machine that is busy. */
const LIMIT_MS = 60_000;

/**
 * Runs a script by Windows PowerShell, which every Windows has, without profiles and dialogues. The script travels as
 * -EncodedCommand, so that no quoting rule of any shell touches it.
 */
export function runPowerShell(run: RunProgram, script: string): Promise<Ran> {
  const whole = `$ErrorActionPreference = 'Stop'\n[Console]::OutputEncoding = [Text.Encoding]::UTF8\n${script}`;
  const encoded = Buffer.from(whole, 'utf16le').toString('base64');
  return run('powershell.exe', ['-NoProfile', '-NonInteractive', '-EncodedCommand', encoded], { limitMs: LIMIT_MS });
}

/** A text as a PowerShell literal. */
export function quoted(text: string): string {
  // PowerShell takes typographic single quotes for the plain one.
  return `'${text.replace(/['\u2018-\u201b]/g, (quote) => quote + quote)}'`;
}
