import type { FaultCode } from '../../src/protocol/faults.ts';

/** A step of a verb of the port, at which a device can be unplugged or the verb can be made to fail. */
export interface Operation {
  /** From 1, over the whole world. */
  readonly number: number;
  readonly verb: Verb;
  /** Of the device. */
  readonly serial: string;
  /** Relative to the volume; `null` where there is none. */
  readonly path: string | null;
  /** How often this verb came for this device and path, from 1. */
  readonly visit: number;
}

/** `create`, `chunk`, `fsync` and `close` (with the fsync of the folder) are the steps of a write. */
export type Verb =
  | 'mount'
  | 'release'
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

/** An operation that fails: the verb rejects with `code`, and nothing has taken effect. */
export interface OperationFailure {
  readonly verb: Verb;
  /** Default: any. */
  readonly path?: string;
  /** Default: every one. */
  readonly visits?: readonly number[];
  readonly code: FaultCode;
}

/** Whether a failure is meant for this operation. */
export function strikes({ verb, path, visits }: OperationFailure, operation: Operation): boolean {
  return (
    verb === operation.verb &&
    (path === undefined || path === operation.path) &&
    (visits === undefined || visits.includes(operation.visit))
  );
}

/** How long each verb takes, in ms of the world's clock. */
export const USUAL_COSTS: Readonly<Record<Verb, number>> = {
  mount: 150,
  release: 60,
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
