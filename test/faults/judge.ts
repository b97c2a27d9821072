import type { Ran, Said } from './program.ts';
import { falseReason } from './reasons.ts';
import type { Run } from './runs.ts';
import type { Strike } from './strike.ts';

/** A look at the device past the program. */
export interface Look {
  /** MCUboot hash of what runs; `null`: nothing. */
  readonly hash: string | null;
  readonly bootCount: number;
  /** Whether it was on the bus, its medium in reach. */
  readonly ready: boolean;
  /** Whether the trigger lies on its card. */
  readonly trigger: boolean;
}

/** What is known of a run, and of its device before, at and after its result. */
export interface Evidence {
  readonly run: Run;
  readonly strike: Strike;
  readonly ran: Ran;
  readonly oldHash: string;
  readonly newHash: string;
  readonly before: Look;
  readonly atResult: Look;
  readonly settled: Look;
}

/** How long a process may go on after its result, in ms. */
const LINGER_MS = 1_000;

/** The kinds of fault that a table counts; each has to be 0. */
export type Fault = 'false word' | 'exit 1' | 'no result' | 'outlived its result' | 'user bytes changed' | 'second run';

/** A fault, and what was expected and found. */
export interface Finding {
  readonly fault: Fault;
  readonly why: string;
}

/** All that is wrong with how a struck run ended. */
export function judge(evidence: Evidence): readonly Finding[] {
  const { ran, strike } = evidence;
  const findings: Finding[] = [];
  const find = (fault: Fault, why: string): void => void findings.push({ fault, why });
  if (ran.overdue) find('no result', 'told no result within its limit');
  if (ran.result === null && !ran.overdue && !strike.harm.startsWith('kill')) {
    find('no result', `ended with status ${ran.status} and no result`);
  }
  if (ran.status === 1 || ran.result?.exit === 1) find('exit 1', `${ran.result?.code}: ${ran.result?.message}`);
  if (ran.lingeredMs > LINGER_MS) find('outlived its result', 'was still there a second after its result');
  if (ran.result !== null && ran.status !== null && ran.status !== ran.result.exit) {
    find('false word', `said exit ${ran.result.exit}, ended with ${ran.status}`);
  }
  for (const why of falseWordsOf(evidence)) find('false word', why);
  return findings;
}

function falseWordsOf(evidence: Evidence): readonly string[] {
  const { result } = evidence.ran;
  if (result === null) return [];
  const said = [result, ...result.devices];
  return [...new Set(said.flatMap((each) => falseOf(each, evidence)))];
}

function falseOf(said: Said, evidence: Evidence): readonly string[] {
  return [falseVerdict(said, evidence), falseFirmware(said, evidence), falseReason(said.code, evidence)].filter(
    (why) => why !== null,
  );
}

function falseVerdict(
  { verdict, code }: Said,
  { run, oldHash, newHash, before, atResult, settled }: Evidence,
): string | null {
  const both = (hash: string | null): boolean => atResult.hash === hash && settled.hash === hash;
  switch (verdict) {
    case 'applied':
      return both(newHash) ? null : 'applied: the device does not run the new firmware';
    case 'unchanged':
      if (code === 'ping-answered') return settled.bootCount > before.bootCount ? null : 'ping-answered: it never left';
      if (code === 'already-current') return both(newHash) ? null : 'already-current: it runs another firmware';
      return both(before.hash) ? null : `${code}: the firmware has changed`;
    case 'refused':
      // What an earlier run committed is none of its business, unless it denies the device that is away to install it.
      if (run.awayMs !== undefined) return code === 'no-device' ? 'no-device: it is away, to install' : null;
      // Nothing was committed: then nothing comes of it, either.
      if (settled.hash !== before.hash) return `${code}: refused, and the device installs`;
      return run.action === 'ping' && settled.bootCount !== before.bootCount
        ? `${code}: refused, and the device answers the ping`
        : null;
    case 'rejected':
      return settled.hash === newHash ? `${code}: rejected, and it runs the new firmware` : null;
    case 'failed':
      if (settled.hash === newHash) return `${code}: failed, and it runs the new firmware`;
      return code === 'not-applied' && settled.hash !== oldHash ? 'not-applied: the old firmware does not run' : null;
    case 'indeterminate':
      return null;
  }
}

function falseFirmware({ code, oldFirmware }: Said, { oldHash, before, atResult, settled }: Evidence): string | null {
  if (oldFirmware === 'runs' && (atResult.hash !== before.hash || settled.hash !== before.hash)) {
    return `${code}: "the old firmware runs", and it is replaced`;
  }
  if (oldFirmware === 'replaced' && (atResult.hash === oldHash || settled.hash === oldHash)) {
    return `${code}: "the old firmware is replaced", and it runs`;
  }
  return oldFirmware === 'none' && atResult.hash !== null ? `${code}: "no firmware runs", and one does` : null;
}
