/** Whether a value, mostly one read from JSON, has a type. */
export type Shape<T> = (value: unknown) => value is T;

export const isText: Shape<string> = (value) => typeof value === 'string';
/** Infinity and NaN, which JSON does not have, do not count. */
export const isNumber: Shape<number> = (value): value is number => Number.isFinite(value);
export const isBoolean: Shape<boolean> = (value) => typeof value === 'boolean';

/** An object that is not a list. */
export function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A shape with a further condition. */
export function such<T, Part extends T>(shape: Shape<T>, holds: (value: T) => value is Part): Shape<Part>;
export function such<T>(shape: Shape<T>, holds: (value: T) => boolean): Shape<T>;
export function such<T>(shape: Shape<T>, holds: (value: T) => boolean): Shape<T> {
  return (value): value is T => shape(value) && holds(value);
}

export function orNull<T>(shape: Shape<T>): Shape<T | null> {
  return (value): value is T | null => value === null || shape(value);
}

/** A text that matches the pattern somewhere. The pattern must not have the flag `g`. */
export function textLike(pattern: RegExp): Shape<string> {
  return such(isText, (text) => pattern.test(text));
}

/** A whole number from `least` to `most`, both included. */
export function whole(least: number, most: number = Number.MAX_SAFE_INTEGER): Shape<number> {
  return (value): value is number =>
    typeof value === 'number' && Number.isSafeInteger(value) && least <= value && value <= most;
}

export function oneOf<const T>(...values: readonly T[]): Shape<T> {
  const all: readonly unknown[] = values;
  return (value): value is T => all.includes(value);
}

export function listOf<T>(shape: Shape<T>, mostItems: number = Number.POSITIVE_INFINITY): Shape<readonly T[]> {
  return (value): value is readonly T[] => Array.isArray(value) && value.length <= mostItems && value.every(shape);
}

/** An object with at least these fields. */
export function withFields<T extends object>(fields: { readonly [Key in keyof T]-?: Shape<T[Key]> }): Shape<T> {
  return (value): value is T =>
    isTable(value) && Object.keys(fields).every((key) => fields[key as keyof T](value[key]));
}

/** A member of a value that need not be an object; `undefined` if there is none. */
export function memberOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}

/** The value of a JSON text; `null` if it is not JSON or has another shape. */
export function parseJson<T>(text: string, shape: Shape<T>): T | null {
  try {
    const value: unknown = JSON.parse(text);
    return shape(value) ? value : null;
  } catch {
    return null;
  }
}
