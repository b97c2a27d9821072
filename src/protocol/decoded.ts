/** What was expected of some bytes, and what was found: phrases for "Expected …, found …". */
export interface Mismatch {
  readonly ok: false;
  readonly expected: string;
  readonly found: string;
  /** What helps against just this; without it the remedy of the fault's code holds. */
  readonly remedy?: string;
}

/** What a decoder returns for any bytes: a value, or why there is none. Decoders do not throw. */
export type Decoded<T> = { readonly ok: true; readonly value: T } | Mismatch;

export function decoded<T>(value: T): Decoded<T> {
  return { ok: true, value };
}

export function mismatch(expected: string, found: string, remedy?: string): Mismatch {
  return { ok: false, expected, found, ...(remedy !== undefined && { remedy }) };
}
