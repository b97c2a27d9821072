import type { Dice } from '../dice.ts';
import { bytesOf, textOf } from '../target.ts';

/** Pieces of JSON, and names that mean something to JavaScript itself. */
export const JSON_WORDS: readonly string[] = [
  ...['{', '}', '[', ']', ':', ',', '"', '""', '{}', '[]', 'null', 'true', 'false', '0', '-1', '1e999', '1.5', '"x"'],
  ...['9007199254740992', '"__proto__":null', '\\u0000', '\\ud800', '\\u001b[31m'],
];

/** The value; `undefined` if the text is no JSON. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What may stand anywhere. The last two can become neither a number nor a text. */
const VALUES = [
  'null',
  'true',
  '0',
  '-1',
  '1.5',
  '1e999',
  '9007199254740993',
  '""',
  '"7"',
  '"\\u001b"',
  '[]',
  '{}',
  '[{}]',
];
const STRANGE = ['{"toString":null,"valueOf":null}', '[{"toString":null,"valueOf":null}]'];

/** Other JSON: a part of it is replaced, left out, doubled, or moved to where another one was. Bytes that are none stay. */
export function reshapedJson(bytes: Uint8Array, dice: Dice): Uint8Array {
  const root = { value: parsedJson(textOf(bytes)) };
  if (root.value === undefined) return bytes;
  const places = placesIn(root);
  const { holder, key } = dice.pick(places);
  const other = dice.pick(places);
  const value =
    dice.below(2) === 0 ? JSON.parse(dice.pick([...VALUES, ...STRANGE])) : Reflect.get(other.holder, other.key);
  const change = dice.below(4);
  if (Array.isArray(holder) && change === 0) holder.splice(Number(key), 1);
  else if (Array.isArray(holder) && change === 1) holder.splice(Number(key), 0, structuredClone(holder[Number(key)]));
  else if (change === 0) Reflect.deleteProperty(holder, key);
  else Reflect.set(holder, key, structuredClone(value));
  return bytesOf(JSON.stringify(root.value) ?? 'null');
}

interface Place {
  readonly holder: object;
  readonly key: string;
}

function placesIn(holder: object): readonly Place[] {
  return Object.entries(holder).flatMap(([key, value]) => [
    { holder, key },
    ...(typeof value === 'object' && value !== null ? placesIn(value) : []),
  ]);
}
