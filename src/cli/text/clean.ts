/** What nothing printed may contain: controls, invisible and direction-changing characters, lone surrogates, line breaks. */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/gu;

/**
 * Text that cannot steer a terminal: every control, formatting or unassigned character is replaced by `?`, so that one line stays
 * one line. Names on the card, strings of USB devices and file names pass here before they are printed (protocol §10.6).
 */
export function clean(text: string): string {
  return text.replace(UNPRINTABLE, '?');
}

/** JSON whose characters are all visible: nothing is lost, for what `clean` would replace is escaped. */
export function visibleJson(value: unknown): string {
  return JSON.stringify(value).replace(UNPRINTABLE, (character) =>
    Array.from({ length: character.length }, (_, index) => character.charCodeAt(index))
      .map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`)
      .join(''),
  );
}
