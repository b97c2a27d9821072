import { printable } from '../../protocol/printable.ts';

const escaped = (character: string): string =>
  Array.from({ length: character.length }, (_, index) => character.charCodeAt(index))
    .map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`)
    .join('');

/** JSON whose characters are all visible: nothing is lost, for what nothing shown may contain is escaped. */
export function visibleJson(value: unknown): string {
  return printable(JSON.stringify(value), escaped);
}
