import { SpacepackError } from '../protocol/errors.ts';
import { FAULTS, type FaultCode } from '../protocol/faults.ts';
import type { Gathered } from './context.ts';
import { oldFirmwareOf } from './old-firmware.ts';
import type { Outcome } from './report.ts';

/** What says only that another run has the device: it claims nothing of an update that is open. */
const ABOUT_OTHER_RUNS: readonly FaultCode[] = ['device-locked', 'device-busy'];

const WHILE_OPEN: Partial<Record<FaultCode, FaultCode>> = { interrupted: 'abandoned', 'not-in-time': 'timed-out' };

/** Whatever goes wrong while something is committed, by this run or an earlier one, proves nothing about the device (protocol §10.5). */
function honest(error: SpacepackError, { open }: Gathered, committed: boolean): SpacepackError {
  if (!committed && open.length === 0) return error;
  if (error.fault.verdict === 'indeterminate' || ABOUT_OTHER_RUNS.includes(error.code)) return error;
  const [record] = open;
  const which =
    record === undefined ? '' : `The ${record.action} of ${record.committedAt} on ${record.serial} is open. `;
  const code = WHILE_OPEN[error.code] ?? 'lost-track';
  // What stands in the way stays there until it is mended, open record or not.
  const isAway = code !== 'lost-track' || error.code === 'no-device';
  const remedy = isAway ? FAULTS[code].remedy : `${error.remedy} ${FAULTS[code].remedy}`;
  return new SpacepackError(code, `${which}${error.code}: ${error.message}`, { remedy, cause: error });
}

/** `writing X: found EIO` as `Writing X: found EIO.` */
function sentence(text: string): string {
  const ended = /[.!?]$/.test(text) ? text : `${text}.`;
  return ended.charAt(0).toUpperCase() + ended.slice(1);
}

/** The outcome of a run, from the code that it ended with or the error that ended it. */
export function outcomeOf(
  findings: Gathered,
  end: FaultCode | SpacepackError,
  elapsedMs: number,
  committed: boolean = false,
): Outcome {
  const error = end instanceof SpacepackError ? honest(end, findings, committed) : null;
  const code = error?.code ?? (end as FaultCode);
  const fault = FAULTS[code];
  const detail = error?.message ?? findings.detail;
  // What was read before something that may have changed it holds no more.
  const isOutdated = findings.open.length > 0 || (error !== null && committed) || ABOUT_OTHER_RUNS.includes(code);
  const isKnown = !isOutdated && fault.verdict !== 'indeterminate';
  return {
    verdict: fault.verdict,
    code,
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
