import { isTable } from '../shapes.ts';
import { notPlain } from './plain-path.ts';

/** Why a profile is not valid; `field` as `verdict[2].when.renamed`, empty for the whole. */
export class ProfileFault extends Error {
  readonly field: string;

  constructor(field: string, expected: string, found: string) {
    super(`expected ${expected}, found ${found}.`);
    this.field = field;
  }
}

type Table = Readonly<Record<string, unknown>>;

/** What was found, for a message: of what is nested, only its kind. */
export function shown(value: unknown): string {
  if (value === undefined) return 'none';
  if (isTable(value)) return 'a table';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'string' ? `"${value}"` : String(value);
}

const within = (field: string, key: string): string => (field === '' ? key : `${field}.${key}`);

/** A table of a profile, read field by field. Each reader throws a `ProfileFault` that names the field. */
export interface ProfileFields {
  readonly at: string;
  has(key: string): boolean;
  text(
    key: string,
    options?: { readonly may?: RegExp; readonly expected?: string; readonly isEmptyToo?: boolean },
  ): string;
  path(key: string): string;
  whole(key: string, least: number, most: number, usual?: number): number;
  flag(key: string): boolean;
  oneOf<const T extends string>(key: string, values: readonly T[]): T;
  list(key: string): readonly unknown[];
  table(key: string, keys: readonly string[]): ProfileFields;
  fail(key: string, expected: string, found?: string): never;
}

/** Throws a `ProfileFault` unless the value is a table with no other keys. */
export function fieldsOf(value: unknown, at: string, keys: readonly string[]): ProfileFields {
  if (!isTable(value)) throw new ProfileFault(at, 'a table', shown(value));
  const table: Table = value;
  const get = (key: string): unknown => (Object.hasOwn(table, key) ? table[key] : undefined);
  const fail = (key: string, expected: string, found = shown(get(key))): never => {
    throw new ProfileFault(within(at, key), expected, found);
  };
  const surplus = Object.keys(table).find((key) => !keys.includes(key));
  if (surplus !== undefined) throw new ProfileFault(within(at, surplus), `only ${keys.join(', ')}`, `"${surplus}"`);

  const fields: ProfileFields = {
    at,
    has: (key) => get(key) !== undefined,
    text(key, { may = /^[^\p{C}\p{Zl}\p{Zp}]{1,200}$/u, expected = 'a text of one line', isEmptyToo = false } = {}) {
      const found = get(key);
      if (typeof found === 'string' && (may.test(found) || (isEmptyToo && found === ''))) return found;
      return fail(key, expected);
    },
    path(key) {
      const found = fields.text(key, { expected: 'the name of a file' });
      const why = notPlain(found);
      return why === null ? found : fail(key, 'a path of plain names below the root of the volume', why);
    },
    whole(key, least, most, usual) {
      const found = get(key) ?? usual;
      if (typeof found === 'number' && Number.isInteger(found) && found >= least && found <= most) return found;
      return fail(key, `a whole number from ${least} to ${most}`);
    },
    flag(key) {
      const found = get(key) ?? false;
      return typeof found === 'boolean' ? found : fail(key, 'true or false');
    },
    oneOf(key, values) {
      const found = values.find((each) => each === get(key));
      return found ?? fail(key, `one of ${values.map((each) => `"${each}"`).join(', ')}`);
    },
    list(key) {
      const found = get(key) ?? [];
      return Array.isArray(found) ? found : fail(key, 'a list');
    },
    table: (key, inner) => fieldsOf(get(key), within(at, key), inner),
    fail,
  };
  return fields;
}
