import type { Outcome } from '../../engine/report.ts';
import { toSpacepackError } from '../../protocol/errors.ts';
import { FAULTS, type FaultCode } from '../../protocol/faults.ts';
import type { End } from './events.ts';

type Details = Partial<Omit<End, 'code' | 'exit' | 'verdict'>>;

/** An end with a code of the table; message and remedy are the table's unless they are given. */
export function endOf(code: FaultCode, details: Details = {}): End {
  const { exit, verdict, meaning, remedy } = FAULTS[code];
  const observed = { device: null, from: null, to: null, oldFirmware: null, readBack: null };
  return { verdict, code, exit, message: meaning, remedy, ...observed, ...details };
}

/** A question was answered, and nothing written to a device. `message` is the answer in one sentence. */
export function answered(message: string, details: Details = {}): End {
  return endOf('answered', { ...details, message });
}

export function endOfOutcome(outcome: Outcome, device: string): End {
  const { code, message, remedy, from, to, oldFirmware, readBack } = outcome;
  return endOf(code, { device: outcome.device ?? device, message, remedy, from, to, oldFirmware, readBack });
}

/** The end that a caught value means. */
export function endOfThrown(thrown: unknown): End {
  const { code, message, remedy } = toSpacepackError(thrown);
  const { meaning } = FAULTS[code];
  return endOf(code, { message: message === meaning ? meaning : `${meaning} ${message}`, remedy });
}
