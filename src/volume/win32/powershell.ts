import type { Ran, RunProgram } from '../../computer/run-program.ts';

/** PowerShell takes a second to start, or several on a busy machine. */
const LIMIT_MS = 60_000;

/**
 * Runs a script with Windows PowerShell, which every Windows has, without profiles or dialogs. The script is passed as
 * -EncodedCommand, so that no shell's quoting rules apply to it.
 */
export function runPowerShell(run: RunProgram, script: string): Promise<Ran> {
  const whole = `$ErrorActionPreference = 'Stop'\n[Console]::OutputEncoding = [Text.Encoding]::UTF8\n${script}`;
  const encoded = Buffer.from(whole, 'utf16le').toString('base64');
  return run('powershell.exe', ['-NoProfile', '-NonInteractive', '-EncodedCommand', encoded], { limitMs: LIMIT_MS });
}

/** A text as a PowerShell literal. */
export function quoted(text: string): string {
  // PowerShell treats typographic single quotes as plain ones.
  return `'${text.replace(/['\u2018-\u201b]/g, (quote) => quote + quote)}'`;
}
