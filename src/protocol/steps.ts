/** Reads part of a file from the medium, past every cache. */
export interface ReadStep {
  readonly do: 'read';
  readonly path: string;
  readonly offset: number;
  readonly lengthBytes: number;
}

/** Creates a file and makes it durable; an existing one of that name is an error. */
export interface WriteStep {
  readonly do: 'write';
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** Tells people how far it is. */
export interface ProgressStep {
  readonly do: 'progress';
  readonly step: 'write' | 'verify';
  readonly doneBytes: number;
  readonly totalBytes: number;
}

/** One thing that the engine does for a family, which decides the order. */
export type Step = ReadStep | WriteStep | ProgressStep;

/**
 * What came of a step. `done`: fewer bytes than asked for where the file is shorter, none for a write. `absent`: no such
 * file. `failed`: the system reported an error, which proves nothing; the drive was still there afterwards.
 */
export type StepResult =
  | { readonly kind: 'done'; readonly bytes: Uint8Array }
  | { readonly kind: 'absent' }
  | { readonly kind: 'failed'; readonly why: string };

/** Steps that look; returns what they were for. */
export type Looking<T> = Generator<ReadStep, T, StepResult>;

/** Steps that may change the device; returns what they were for. */
export type Working<T> = Generator<Step, T, StepResult>;
