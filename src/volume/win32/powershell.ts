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

/** PowerShell treats typographic single quotes as plain ones. */
const QUOTES = "'\u2018-\u201b";

/** A text as a PowerShell literal. */
export function quoted(text: string): string {
  return `'${text.replace(new RegExp(`[${QUOTES}]`, 'g'), '$&$&')}'`;
}

/** What a PowerShell literal says, without its outer quotes. */
export function unquoted(literal: string): string {
  return literal.replace(new RegExp(`([${QUOTES}])\\1`, 'g'), '$1');
}
