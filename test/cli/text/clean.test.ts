import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clean, visibleJson } from '../../../src/cli/text/clean.ts';

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

describe('names from the card cannot steer a terminal', () => {
  test.each(HOSTILE)('%s is replaced', (_, text) => {
    expect(clean(text)).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
    expect(clean(text)).toContain('?');
  });

  test.each([['firmware 1.2 (neu).dfu'], ['für Größe'], ['固件.dfu'], ['✓ █ ░ 🔋']])('%s stays as it is', (text) => {
    expect(clean(text)).toBe(text);
  });

  test('whatever the text, nothing unprintable is left', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => !/[\p{C}\p{Zl}\p{Zp}]/u.test(clean(text))));
  });
});

describe('JSON loses nothing and shows everything', () => {
  test.each(HOSTILE)('%s is escaped', (_, text) => {
    expect(visibleJson({ text })).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
    expect(JSON.parse(visibleJson({ text }))).toEqual({ text });
  });

  test('whatever the text, it comes back', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => JSON.parse(visibleJson({ text })).text === text));
  });
});
