import type { Dice } from './dice.ts';

/** A parser of bytes from outside, and what it promises. */
export interface Target {
  /** The name of its folder in `corpus/`. */
  readonly name: string;
  /** Pieces that mean something to it. */
  readonly words: readonly string[];
  /** Inputs that it takes. */
  readonly seeds: () => readonly Uint8Array[];
  /** Makes check sums and lengths right again, without which few changed bytes would be looked at. */
  readonly repaired?: (bytes: Uint8Array) => Uint8Array;
  /** Changes the input as its form has it, where changed bytes would mostly break the form. */
  readonly reshaped?: (bytes: Uint8Array, dice: Dice) => Uint8Array;
  /** How many times fewer executions it gets, for each of them takes longer. Default 1. */
  readonly cost?: number;
  /** Default 4096. */
  readonly mostBytes?: number;
  /** Parses, and throws if a promise is broken. Says what kind of outcome it was: a new kind makes an input worth keeping. */
  readonly run: (bytes: Uint8Array) => string | Promise<string>;
}

/** A promise that was not kept. */
export function promise(condition: boolean, broken: () => string): void {
  if (!condition) throw new Error(broken());
}

/** What a sentence expected, without what it found and without names from outside: of one kind, it is the same. */
export function kindOfSentence(sentence: string): string {
  return sentence
    .replace(/, found [\s\S]*$/, '')
    .replace(/^expected \S+ once$/, 'expected a key once')
    .replace(/\b[0-9A-F]*\d[0-9A-F]*\b/gi, '0');
}

export function requirePrintable(text: string, what: string): void {
  promise(/^[\x20-\x7e]*$/.test(text), () => `${what}: expected printable ASCII, found ${JSON.stringify(text)}`);
}

/** A number of bytes or the like, as types promise them. */
export function requireCount(value: number, what: string): void {
  promise(Number.isSafeInteger(value) && value >= 0, () => `${what}: expected a count, found ${value}`);
}

/** Both must be the same value; `JSON.stringify` tells it. */
export function requireEqual(one: unknown, other: unknown, what: string): void {
  const [left, right] = [JSON.stringify(one), JSON.stringify(other)];
  promise(left === right, () => `${what}: expected them to agree, found ${left} and ${right}`);
}

export const bytesOf = (text: string): Uint8Array => Buffer.from(text, 'utf8');
export const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');
