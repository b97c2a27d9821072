/** What may come from a device, a card or a channel, and must not reach a terminal as it is. */
export const HOSTILE: readonly (readonly [what: string, text: string])[] = [
  ['an escape sequence', '\u001b[2J\u001b[H'],
  ['a C1 control', '\u009b31m'],
  ['a line break', 'a\r\nb'],
  ['a Unicode line separator', 'a\u2028b'],
  ['a change of direction', 'abc\u202edfu'],
  ['an invisible character', 'a\u200bb'],
  ['a lone surrogate', 'a\ud800b'],
  ['a tag character', 'a\u{e0041}b'],
];
