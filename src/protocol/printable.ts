/**
 * What shown text must not contain: controls, invisible or direction-changing characters, lone surrogates, line breaks.
 */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/gu;

/**
 * Text that can neither control a terminal nor start a new line: `instead` replaces every control, formatting or
 * unassigned character, by default with `?`. Everything from a device, a card, a channel or a file name passes through
 * here before it is shown (protocol §10.6); escaping for a particular kind of document comes after that.
 */
export function printable(text: string, instead: (character: string) => string = () => '?'): string {
  return text.replace(UNPRINTABLE, instead);
}

const ADDRESS = /\b([a-z][a-z0-9+.-]+:[/\\]+)(?:[^\s"]*@)?([^\s"?#]*)(?:[?#][^\s"]*)?/gi;

/** A text that repeats what a person typed, without what may be a credential in its addresses. */
export function withoutCredentials(text: string): string {
  return text.replace(ADDRESS, '$1$2');
}
