/** What nothing shown may contain: controls, invisible and direction-changing characters, lone surrogates, line breaks. */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/gu;

/**
 * Text that can neither steer a terminal nor begin a line of its own: every control, formatting or unassigned character becomes what
 * `instead` makes of it, by default `?`. Whatever comes from a device, a card, a channel or a file's name passes here before it is
 * shown (protocol §10.6); escaping for one kind of document comes after that.
 */
export function printable(text: string, instead: (character: string) => string = () => '?'): string {
  return text.replace(UNPRINTABLE, instead);
}
