import { SpacepackError } from '../protocol/errors.ts';
import { FAULTS, type FaultCode } from '../protocol/faults.ts';
import type { Findings } from './context.ts';
import type { Outcome } from './report.ts';

/** Whatever is thrown after the commit proves nothing about the device (protocol §10.5). */
function honest(error: SpacepackError, committed: boolean): SpacepackError {
  if (!committed || error.fault.verdict === 'indeterminate') return error;
  return new SpacepackError('lost-track', `${error.code}: ${error.message}`, { cause: error });
}

/** `writing X: found EIO` as `Writing X: found EIO.` */
function sentence(text: string): string {
  const ended = /[.!?]$/.test(text) ? text : `${text}.`;
  return ended.charAt(0).toUpperCase() + ended.slice(1);
}

/** The outcome of a run, from the code that it ended with or the error that ended it. */
export function outcomeOf(
  findings: Findings,
  end: FaultCode | SpacepackError,
  elapsedMs: number,
  committed: boolean = false,
): Outcome {
  const error = end instanceof SpacepackError ? honest(end, committed) : null;
  const code = error?.code ?? (end as FaultCode);
  const fault = FAULTS[code];
  const detail = error?.message ?? findings.detail;
  return {
    verdict: fault.verdict,
    code,
    message: detail ? `${fault.meaning} ${sentence(detail)}` : fault.meaning,
    remedy: error?.remedy ?? fault.remedy,
    oldFirmware: fault.oldFirmware,
    device: findings.device,
    from: findings.from,
    to: findings.to,
    readBack: findings.readBack,
    elapsedMs,
  };
}
