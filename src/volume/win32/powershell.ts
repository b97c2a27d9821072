import type { Ran, RunProgram } from '../../computer/run-program.ts';
import { unescapeXml } from './xml.ts';

/** PowerShell takes a second to start, or several on a busy machine. */
const LIMIT_MS = 60_000;

/**
 * Runs a script with Windows PowerShell, which every Windows has, without profiles or dialogs. The script is passed as
 * -EncodedCommand, so that no shell's quoting rules apply to it.
 */
export function runPowerShell(run: RunProgram, script: string): Promise<Ran> {
  const whole = `$ErrorActionPreference = 'Stop'\n$ProgressPreference = 'SilentlyContinue'\n[Console]::OutputEncoding = [Text.Encoding]::UTF8\n${script}`;
  const encoded = Buffer.from(whole, 'utf16le').toString('base64');
  return run('powershell.exe', ['-NoProfile', '-NonInteractive', '-EncodedCommand', encoded], { limitMs: LIMIT_MS });
}

/**
 * Why a script failed, in one line. Of an encoded command the errors are CLIXML: `#< CLIXML`, and an element for each line
 * that a console of 80 columns or so would show, where the place in the script follows the message.
 */
export function errorOf({ stderr, failure, status }: Ran): string {
  const elements = [...stderr.matchAll(/<S S="Error">([\s\S]*?)<\/S>/g)].map(([, text = '']) => text);
  const text = stderr.startsWith('#< CLIXML') ? unescapeXml(elements.join('')) : stderr;
  const lines = text.replaceAll('_x000D__x000A_', '\n').trim().split(/\r?\n/);
  const place = lines.findIndex((line, at) => at > 0 && /^\s*\+ |:\d+ \S+:\d+$/.test(line.trimEnd()));
  const message = lines
    .slice(0, place < 0 ? lines.length : place)
    .join('')
    .trim();
  return message || (failure ?? `exit status ${status}`);
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
