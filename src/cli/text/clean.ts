import { printable } from '../../protocol/printable.ts';

const escaped = (character: string): string =>
  Array.from({ length: character.length }, (_, index) => character.charCodeAt(index))
    .map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`)
    .join('');

/** JSON in which every character is visible. Nothing is lost: characters that may not be shown are escaped. */
export function visibleJson(value: unknown): string {
  return printable(JSON.stringify(value), escaped);
}
