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

/**
 * Opens what shows the device's flash memory beside its drive; the steps below use it. `absent`: there is nothing of the
 * kind, or this computer cannot open it, of which people have been told.
 */
export interface OpenFlashStep {
  readonly do: 'open-flash';
  /** Which memory is meant, where a device has several. */
  readonly space: number;
}

/** Reads the device's flash memory; `done` with all of the bytes. */
export interface ReadFlashStep {
  readonly do: 'read-flash';
  readonly address: number;
  readonly lengthBytes: number;
}

/** One thing to look at; it changes nothing. */
export type Look = ReadStep | OpenFlashStep | ReadFlashStep;

/** One thing that the engine does for a family, which decides the order. */
export type DeviceStep = Look | WriteStep | ProgressStep;

/**
 * What came of a step. `done`: fewer bytes than asked for where the file is shorter, none for a write. `absent`: no such
 * file, or nothing that shows the flash memory. `failed`: the system reported an error, which proves nothing; the drive
 * was still there afterwards, if the step was about its files.
 */
export type StepResult =
  | { readonly kind: 'done'; readonly bytes: Uint8Array }
  | { readonly kind: 'absent' }
  | { readonly kind: 'failed'; readonly why: string };

/** Steps that look; returns what they were for. */
export type Looking<T> = Generator<Look, T, StepResult>;

/** Steps that may change the device; returns what they were for. */
export type Working<T> = Generator<DeviceStep, T, StepResult>;
