import type { DeviceInfo, Timing } from './device-info.ts';
import type { FaultCode } from './faults.ts';

export type Action = 'install' | 'ping';

/** What a host keeps about a commit until it knows how the commit ended. */
export interface Commitment<Memory = unknown> {
  readonly action: Action;
  /** `null`: neither the system nor the device's files say. */
  readonly serial: string | null;
  /** Identifies this commit and no other: 32 lower-case hexadecimal digits. */
  readonly nonce: string;
  /** What shall run, in the form of `DeviceInfo.image`; `null` for a ping. */
  readonly newImage: string | null;
  /** What ran at the commit; `null` if nothing ran. */
  readonly oldImage: string | null;
  /** What the family needs to remember: plain JSON. */
  readonly memory: Memory;
}

/** A commitment whose end is not known yet, as stored on the computer's own disk. */
export interface OpenRecord extends Commitment {
  /** The id of the device's family. */
  readonly family: string;
  readonly fromVersion: string | null;
  readonly toVersion: string | null;
  /** Where the device was plugged in; `null`: the system did not say. */
  readonly port: string | null;
  /** How long the device said it may take. */
  readonly timing: Timing;
  /** Wall time of the commit, ISO 8601, for people. */
  readonly committedAt: string;
}

/** How a commit ended. `again`: starting over once is safe and may help. `wait`: the device may say more. */
export interface Judgement {
  readonly code: FaultCode;
  readonly next?: 'again' | 'wait';
  /** A sentence that says more; may be missing. */
  readonly detail?: string;
}

/** What a device that has been away since a commit says about it. */
export interface Testimony {
  readonly info: DeviceInfo;
  readonly judgement: Judgement;
  /** Its own words about this commit, not cleaned; empty: none. */
  readonly detail: string;
  /** Whether it names this very commit: then it is certainly the device that was committed to. */
  readonly isNamed: boolean;
}

/** What the files of a device show about a commit. `why` is a phrase for "Expected …, found …". */
export type Trace =
  /** It has been away since. */
  | { readonly kind: 'answered'; readonly testimony: Testimony }
  /** It has not been away, and the trigger is there for it to act on. */
  | { readonly kind: 'waiting' }
  /** It has not been away, and nothing is there: nothing was committed. */
  | { readonly kind: 'never-arrived' }
  /** It has not been away, and whether something is there cannot be read. */
  | { readonly kind: 'unreadable'; readonly why: string }
  /** Whatever became of it, nothing of it is left to act on, and the files do not show how it ended. */
  | { readonly kind: 'over' }
  /** Nothing of this commit went to this device, or its files are those of another device. */
  | { readonly kind: 'other' }
  /** Its files are older than the commit. */
  | { readonly kind: 'outdated'; readonly why: string }
  | { readonly kind: 'unknown'; readonly why: string };
