import type { NoticeCode } from '../../engine/report.ts';
import type { Mode } from '../../protocol/device-info.ts';
import type { FaultCode } from '../../protocol/faults.ts';
import type { SignatureState } from '../../protocol/image-facts.ts';
import type { Phase } from '../../protocol/machine.ts';
import type { AgentEvent } from './agent-events.ts';
import type { CommandResult, Result } from './result.ts';

/** The version of the events, which each event carries. It grows when an event loses a field or changes its meaning. */
export const EVENTS_VERSION = 1;

export interface Problem {
  readonly code: FaultCode;
  readonly message: string;
  readonly remedy: string;
}

/** A device that is plugged in. `null`: neither the device nor the system says. */
export interface DeviceFacts {
  readonly profile: string;
  /** The name that the system shows, for people. */
  readonly media: string;
  readonly drive: string;
  readonly sizeBytes: number;
  readonly usb: {
    readonly vendorId: string;
    readonly productId: string;
    readonly bcdDevice: string | null;
    readonly serial: string | null;
    readonly port: string | null;
    readonly revision: string | null;
  } | null;
  readonly volume: {
    readonly id: string;
    readonly path: string;
    readonly label: string;
    readonly fileSystem: string | null;
    readonly readOnly: boolean;
  } | null;
  readonly info: {
    readonly protocol: number | null;
    readonly serial: string | null;
    readonly mode: Mode;
    readonly image: string | null;
    readonly bootCount: number | null;
    readonly model: string | null;
    readonly hardware: string | null;
    readonly version: string | null;
    readonly maxPayloadBytes: number | null;
    readonly securityFloor: number | null;
    readonly batteryPercent: number | null;
    readonly batteryMinPercent: number | null;
  } | null;
  readonly problem: Problem | null;
}

/** The last answer of a device to an install. */
export interface AnswerFacts {
  readonly state: string;
  readonly code: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly detail: string;
}

/** An image file, as far as spacepack understands it. */
export interface ImageFile {
  /** The path as it was given, or the address without user name, password, query and fragment. */
  readonly file: string;
  readonly sizeBytes: number;
  /** The name of the format that it was read as. */
  readonly format: string;
  readonly crc32: string;
  readonly sha256: string;
  readonly imageHash: string | null;
  readonly version: string | null;
  readonly securityCounter: number | null;
  /** `FFFF`: any; so for the next two. */
  readonly vendorId: string | null;
  readonly productId: string | null;
  readonly hardware: string | null;
  readonly signature: SignatureState;
  /** SHA-256 of the signer's public key. */
  readonly keyHash: string | null;
}

/** A release of a channel. */
export interface ReleaseFacts {
  readonly name: string;
  readonly product: string;
  /** Empty: any. */
  readonly hardware: readonly string[];
  readonly version: string;
  readonly securityCounter: number;
  readonly minBatteryPercent: number;
  readonly notes: string;
  readonly rolloutPercent: number;
  readonly paused: boolean;
  readonly sizeBytes: number;
  readonly sha256: string;
}

/** Notices of the engine and of the command line itself. */
export type CliNoticeCode =
  | NoticeCode
  | 'signature-unchecked'
  | 'downloading'
  | 'stopping'
  | 'still-going'
  | 'too-late'
  | 'computer'
  | 'channel';

export type FindingState = 'good' | 'note' | 'broken';

/** What a command reports while it runs, with the device that it is about. `null`: no device, or not known yet. */
export type CliEvent = { readonly device: string | null } & (
  | { readonly event: 'phase'; readonly phase: Phase; readonly round: number; readonly expectedMs: number }
  | {
      readonly event: 'progress';
      readonly step: 'write' | 'verify';
      /** Durable on the device, or read back from it. */
      readonly doneBytes: number;
      readonly totalBytes: number;
    }
  | { readonly event: 'notice'; readonly code: CliNoticeCode; readonly message: string }
  | ({ readonly event: 'finished' } & Result)
  | ({ readonly event: 'device' } & DeviceFacts)
  | ({ readonly event: 'answer' } & AnswerFacts)
  | ({ readonly event: 'image' } & ImageFile)
  | {
      readonly event: 'map';
      /** The chip or board, or the file that a board keeps; `null`: the image names none. */
      readonly target: string | null;
      /** 8 hexadecimal digits each; the byte at `end` is the last one. */
      readonly ranges: readonly { readonly start: string; readonly end: string; readonly sizeBytes: number }[];
      readonly says: Readonly<Record<string, string>>;
    }
  | {
      readonly event: 'check';
      readonly check: string;
      readonly expected: string;
      readonly found: string;
      /** `null`: it could not be checked. */
      readonly ok: boolean | null;
    }
  | { readonly event: 'file'; readonly role: FileRole; readonly path: string }
  | {
      readonly event: 'finding';
      readonly topic: string;
      readonly state: FindingState;
      readonly message: string;
      readonly remedy: string;
    }
  | ({ readonly event: 'release' } & ReleaseFacts)
  | { readonly event: 'scenario'; readonly name: string; readonly title: string }
  /** The simulated device's own log. */
  | { readonly event: 'simulated'; readonly message: string }
  | AgentEvent
  | ({ readonly event: 'result' } & CommandResult)
);

export type FileRole =
  | 'image'
  | 'private-key'
  | 'public-key'
  | 'trust-root'
  | 'folder'
  | 'history'
  | 'settings'
  | 'log';

/** An event as it is reported: with the version of the events, and monotonic ms since the command began. */
export type TimedEvent = CliEvent & { readonly v: typeof EVENTS_VERSION; readonly elapsedMs: number };
export type EventOf<E extends CliEvent['event']> = Extract<TimedEvent, { event: E }>;
