import type { FaultCode, Verdict } from '../protocol/faults.ts';
import type { Phase } from '../protocol/machine.ts';
import type { ReadBackKind } from '../volume/port.ts';
import type { OldFirmware } from './old-firmware.ts';

/** Something that a person may want to know and that does not end the run. Like fault codes, these are an interface. */
export type NoticeCode =
  | 'record-resolved'
  | 'record-dropped'
  | 'record-kept'
  | 'record-open'
  | 'trigger-joined'
  | 'waiting-for-stranger'
  | 'waiting-for-return'
  | 'leftover-removed'
  | 'leftover-kept'
  | 'mounted-anew'
  | 'readback-cached'
  | 'commit-doubtful'
  | 'volume-held'
  | 'left-unmounted'
  | 'starting-over'
  | 'flash-unseen';

/**
 * What a run reports along the way. Order: a `phase` begins each phase; `progress` follows within `stage`; a `notice`
 * may come at any time. Phases come in the order of the machine; a second round begins with `identify` again.
 */
export type Report =
  | {
      readonly type: 'phase';
      readonly phase: Phase;
      readonly round: number;
      /** The device's serial; `null` until it is known. */
      readonly device: string | null;
      /** How long the phase usually takes, in ms. */
      readonly expectedMs: number;
      /** Something is committed: it cannot be called off any more. */
      readonly committed: boolean;
      /** A record is open, or may be before the next report: a run that is stopped now may leave an update behind. */
      readonly inDoubt: boolean;
    }
  | {
      readonly type: 'progress';
      readonly step: 'write' | 'verify';
      /** Bytes that are durable on the device, or read back from it. */
      readonly doneBytes: number;
      readonly totalBytes: number;
    }
  | Notice;

export interface Notice {
  readonly type: 'notice';
  readonly code: NoticeCode;
  readonly message: string;
}

/** How a run ended. */
export interface Outcome {
  readonly verdict: Verdict;
  readonly code: FaultCode;
  /** What the code means for this device, in one sentence for people. */
  readonly meaning: string;
  /** The meaning, then what was expected and what was found. */
  readonly message: string;
  /** What to do now; empty where there is nothing to do. */
  readonly remedy: string;
  /**
   * What was observed about the firmware that ran before; `null`: no device was looked at, or it does not say what
   * runs.
   */
  readonly oldFirmware: OldFirmware | null;
  /** The device's serial; `null` if it never became known. */
  readonly device: string | null;
  /** What ran before, and what runs now as far as known; `null`: not known, or nothing runs. */
  readonly from: string | null;
  readonly to: string | null;
  /** How the payload was read back; `null` if none was staged. */
  readonly readBack: ReadBackKind | null;
  readonly elapsedMs: number;
}

export function notice(code: NoticeCode, message: string): Notice {
  return { type: 'notice', code, message };
}
