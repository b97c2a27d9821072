import type { FaultCode } from '../../../src/protocol/faults.ts';

/** A step of a verb of the port, at which a device can be unplugged or the verb can be made to fail. */
export interface Operation {
  /** From 1, over the whole world. */
  readonly number: number;
  readonly verb: Verb;
  /** Of the device. */
  readonly serial: string;
  /** Of the device, from 0: two may have one serial. */
  readonly device: number;
  /** Relative to the volume; `null` where there is none. */
  readonly path: string | null;
  /** How often this verb came for this device and path, from 1. */
  readonly visit: number;
  /** A mount that sets no dirty mark. */
  readonly readOnly?: true;
  /** Which run did it: counts the processes of the world from 0. */
  readonly process: number;
}

/** `create`, `chunk`, `fsync` and `close` (with the fsync of the folder) are the steps of a write. */
export type Verb =
  | 'mount'
  | 'release'
  | 'hold'
  | 'entries'
  | 'read'
  | 'create'
  | 'chunk'
  | 'fsync'
  | 'close'
  | 'read-back'
  | 'remove'
  | 'free-bytes';

/** Called before an operation takes effect. Whatever it throws, the verb rejects with. */
export type OnOperation = (operation: Operation) => void | Promise<void>;

/** How something fails. Without a `hang` it fails at once. */
export interface Manner {
  /** `before` it has taken effect, which is the default, or `after`. */
  readonly when?: 'before' | 'after';
  /**
   * The call does not return, and whoever waits gives up by itself. `never`: nothing ever comes of it. `late`: it takes effect all
   * the same, half a minute after that.
   */
  readonly hang?: 'never' | 'late';
}

/** An operation that fails: the verb rejects with `code`, or with `volume-stalled` if it hangs. */
export interface OperationFailure extends Manner {
  /** Default: any. */
  readonly verb?: Verb;
  /** Over the whole world, from 1. Default: any. */
  readonly number?: number;
  /** Default: any. */
  readonly path?: string;
  /** Default: every one. */
  readonly visits?: readonly number[];
  /** From 0. Default: any. */
  readonly device?: number;
  /** From 0. Default: any. */
  readonly process?: number;
  readonly code: FaultCode;
}

/** A look that fails or hangs, by its number from 1 over the whole world; `code` is always `listing-failed`. */
export interface LookFailure {
  readonly visits: readonly number[];
  readonly hang?: boolean;
}

/** Whether a failure is meant for this operation. */
export function strikes(failure: OperationFailure, operation: Operation): boolean {
  const { verb, number, path, visits, device, process } = failure;
  return (
    (verb === undefined || verb === operation.verb) &&
    (number === undefined || number === operation.number) &&
    (path === undefined || path === operation.path) &&
    (visits === undefined || visits.includes(operation.visit)) &&
    (device === undefined || device === operation.device) &&
    (process === undefined || process === operation.process)
  );
}

/** How long each verb takes, in ms of the world's clock. */
export const USUAL_COSTS: Readonly<Record<Verb, number>> = {
  mount: 150,
  release: 60,
  hold: 1,
  entries: 1,
  read: 2,
  create: 1,
  chunk: 1,
  fsync: 20,
  close: 5,
  'read-back': 20,
  remove: 5,
  'free-bytes': 1,
};

/** After how long a verb that hangs gives up by itself, in ms: the port promises that none waits for ever. */
export const LIMITS_MS = { look: 60_000, mount: 120_000, release: 120_000, other: 60_000, ownDisk: 30_000 } as const;

/** How long after that a call of the manner `late` takes effect, in ms. */
export const LATE_MS = 30_000;
