import { SpacepackError } from '../protocol/errors.ts';
import type { Family } from '../protocol/family.ts';
import { FAULTS, type FaultCode } from '../protocol/faults.ts';
import { nameOf } from '../protocol/identity.ts';
import type { RunContext } from './context.ts';
import { oldFirmwareOf } from './old-firmware.ts';
import type { Outcome } from './report.ts';

/** Codes that say only that another run has the device: they claim nothing about an open update. */
const ABOUT_OTHER_RUNS: readonly FaultCode[] = ['device-locked', 'device-busy'];

const WHILE_OPEN: Partial<Record<FaultCode, FaultCode>> = { interrupted: 'abandoned', 'not-in-time': 'timed-out' };

/** What is known about a run that has ended. */
interface Ended extends Pick<RunContext, 'findings'> {
  readonly family: Pick<Family, 'words'>;
}

/** An error while a commit of this run or an earlier one is open proves nothing about the device (protocol §10.5). */
function honest(
  error: SpacepackError,
  { findings: { open, commitment }, family }: Ended,
  committed: boolean,
): SpacepackError {
  if (!committed && open.length === 0) return error;
  if (error.fault.verdict === 'indeterminate' || ABOUT_OTHER_RUNS.includes(error.code)) return error;
  const [record] = open;
  const which =
    record === undefined ? '' : `The ${record.action} of ${record.committedAt} on ${nameOf(record)} is open. `;
  const code = WHILE_OPEN[error.code] ?? 'lost-track';
  // Open record or not, the cause stays until it is fixed.
  const isAway = code !== 'lost-track' || error.code === 'no-device';
  const { remedy: after } = { ...FAULTS[code], ...family.words(code, commitment) };
  const remedy = isAway ? after : `${error.remedy} ${after}`;
  return new SpacepackError(code, `${which}${error.code}: ${error.message}`, { remedy, cause: error });
}

/** `writing X: found EIO` as `Writing X: found EIO.` */
function sentence(text: string): string {
  const ended = /[.!?]$/.test(text) ? text : `${text}.`;
  return ended.charAt(0).toUpperCase() + ended.slice(1);
}

/** The outcome of a run, from the code or the error that ended it. */
export function outcomeOf(
  run: Ended,
  end: FaultCode | SpacepackError,
  elapsedMs: number,
  committed: boolean = false,
): Outcome {
  const { findings, family } = run;
  const error = end instanceof SpacepackError ? honest(end, run, committed) : null;
  const code = error?.code ?? (end as FaultCode);
  const fault = { ...FAULTS[code], ...family.words(code, findings.commitment) };
  const detail = error?.message ?? findings.detail;
  // A reading is no longer valid once something may have changed what was read.
  const isOutdated = findings.open.length > 0 || (error !== null && committed) || ABOUT_OTHER_RUNS.includes(code);
  const isKnown = !isOutdated && fault.verdict !== 'indeterminate';
  return {
    verdict: fault.verdict,
    code,
    meaning: fault.meaning,
    message: detail ? `${fault.meaning} ${sentence(detail)}` : fault.meaning,
    remedy: error?.remedy ?? fault.remedy,
    oldFirmware: oldFirmwareOf(findings.before, isKnown ? findings.now : null),
    device: findings.device,
    from: findings.from,
    to: isOutdated ? null : findings.to,
    readBack: findings.readBack,
    elapsedMs,
  };
}
