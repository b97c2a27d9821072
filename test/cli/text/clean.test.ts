import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { visibleJson } from '../../../src/cli/text/clean.ts';

const HOSTILE: readonly (readonly [what: string, text: string])[] = [
  ['an escape sequence', '\u001b[2J\u001b[H'],
  ['a C1 control', '\u009b31m'],
  ['a line break', 'a\r\nb'],
  ['a Unicode line separator', 'a\u2028b'],
  ['a change of direction', 'abc\u202edfu'],
  ['an invisible character', 'a\u200bb'],
  ['a lone surrogate', 'a\ud800b'],
  ['a tag character', 'a\u{e0041}b'],
];

describe('JSON loses nothing and shows everything', () => {
  test.each(HOSTILE)('%s is escaped', (_, text) => {
    expect(visibleJson({ text })).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
    expect(JSON.parse(visibleJson({ text }))).toEqual({ text });
  });

  test('whatever the text, it comes back', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => JSON.parse(visibleJson({ text })).text === text));
  });
});
