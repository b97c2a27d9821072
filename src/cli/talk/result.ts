import type { OldFirmware } from '../../engine/old-firmware.ts';
import type { Outcome } from '../../engine/report.ts';
import { toSpacepackError } from '../../protocol/errors.ts';
import { FAULTS, type FaultCode, type Verdict } from '../../protocol/faults.ts';
import type { ReadBackKind } from '../../volume/port.ts';

/**
 * How a command ended, or its part on one device. The names are an interface: `schema/events.schema.json` documents
 * them.
 */
export interface Result {
  readonly verdict: Verdict;
  readonly code: FaultCode;
  /** The exit status that goes with the code, unless it is accepted. */
  readonly exit: number;
  /** The exit status is 0 only because `--accept` asks for it; nothing is proven. Missing: it is not so. */
  readonly accepted?: true;
  /** What the code means, in one sentence. */
  readonly meaning: string;
  /** The meaning, then what was expected and what was found. */
  readonly message: string;
  /** What to do now; empty where there is nothing to do. */
  readonly remedy: string;
  /** What was observed of the old firmware; `null`: no device was looked at, or several were. */
  readonly oldFirmware: OldFirmware | null;
  /** The serial; if that is not known, the port or the system's name of the drive. `null`: none, or several. */
  readonly device: string | null;
  readonly from: string | null;
  readonly to: string | null;
  readonly readBack: ReadBackKind | null;
}

/** How a whole command ended. */
export interface CommandResult extends Omit<Result, 'verdict'> {
  /** `mixed`: several devices ended in different ways. */
  readonly verdict: Verdict | 'mixed';
  /** The result of each device that was acted on; empty for commands that act on none. */
  readonly devices: readonly Result[];
}

type Details = Partial<Omit<Result, 'code' | 'exit' | 'verdict'>>;

/** A result with a code from the table of faults; message and remedy come from the table unless they are given. */
export function resultOf(code: FaultCode, details: Details = {}): Result {
  const { exit, verdict, meaning, remedy } = FAULTS[code];
  const observed = { device: null, from: null, to: null, oldFirmware: null, readBack: null };
  return { verdict, code, exit, meaning, message: meaning, remedy, ...observed, ...details };
}

/** The result of a question that was answered without writing to a device. `message` is the answer in one sentence. */
export function answered(message: string, details: Details = {}): Result {
  return resultOf('answered', { ...details, message });
}

export function resultOfOutcome(outcome: Outcome, device: string): Result {
  const { code, message, meaning, remedy, from, to, oldFirmware, readBack } = outcome;

  return resultOf(code, {
    device: outcome.device ?? device,
    meaning,
    message,
    remedy,
    from,
    to,
    oldFirmware,
    readBack,
  });
}

/** The result for a caught value. */
export function resultOfThrown(thrown: unknown): Result {
  const { code, message, remedy } = toSpacepackError(thrown);
  const { meaning } = FAULTS[code];
  return resultOf(code, { message: message === meaning ? meaning : `${meaning} ${message}`, remedy });
}
