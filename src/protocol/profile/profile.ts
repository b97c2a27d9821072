import type { ReturnKind } from '../family.ts';

/** Where a value stands in a text file. */
export type ValuePlace =
  /** `KEY: value` or `KEY=value` on a line of its own. */
  | { readonly kind: 'key'; readonly key: string }
  /** What follows the first `after`, up to the next `until`. */
  | { readonly kind: 'between'; readonly after: string; readonly until: string }
  /** One of the fields of the first line, counted from 1. */
  | { readonly kind: 'field'; readonly separator: string; readonly field: number };

/** What a status file must say: `place: null`: its whole text, without white space around it. */
export interface StatusTest {
  readonly file: string;
  readonly place: ValuePlace | null;
  readonly how: 'is' | 'contains' | 'begins';
  readonly text: string;
}

/** What must be seen on the volume for a verdict: all of it, and something that was not so at the commit. */
export interface When {
  /** The payload is gone from its place, and this file, new or changed, holds exactly its bytes. */
  readonly renamed: string | null;
  /** This file is new or has changed. */
  readonly appeared: string | null;
  /** The payload (or the trigger, if there is one) arrived whole, and is gone. */
  readonly vanished: boolean;
  /** This file begins with the payload's bytes. */
  readonly holds: string | null;
  /** A file that is new or has changed says this. */
  readonly status: StatusTest | null;
  /** The version that the device tells is known and another one than at the commit. */
  readonly isVersionChanged: boolean;
}

/** `written`: the device holds the firmware, and was not seen to start it. */
export type ProfileVerdict = 'applied' | 'written' | 'rejected' | 'failed';

export interface Rule {
  readonly is: ProfileVerdict;
  readonly when: When;
}

/** A device described by its owner. All paths are plain names below the root of the volume. */
export interface Profile {
  readonly id: string;
  readonly name: string;
  readonly device: {
    /** Empty: any. */
    readonly usb: readonly { readonly vendorId: number; readonly productId: number }[];
    readonly inquiry: { readonly vendor: string; readonly product: string } | null;
    /** A file that the device always has. */
    readonly marker: string | null;
  };
  readonly version: { readonly file: string; readonly place: ValuePlace } | null;
  readonly image: {
    readonly extension: string;
    /** The first bytes of every image, at most 32. */
    readonly begins: Uint8Array;
    readonly mostBytes: number;
    /** It is a compressed file, and is written as it is. */
    readonly isPacked: boolean;
  };
  readonly write: {
    readonly payload: string;
    /** What is written after the payload, and commits it; `null`: the payload itself. */
    readonly trigger: { readonly file: string; readonly text: string } | null;
    /** The device always shows a file of the payload's name, which is written over in place. */
    readonly isOver: boolean;
  };
  readonly returns: ReturnKind;
  /** In the order in which they are tried. */
  readonly verdicts: readonly Rule[];
  /** In ms. */
  readonly patience: { readonly leaveMs: number; readonly awayMs: number; readonly answerMs: number };
}
