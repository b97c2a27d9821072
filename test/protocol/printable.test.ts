import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { printable } from '../../src/protocol/printable.ts';

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

describe('what comes from a device, a card or a channel cannot steer a terminal', () => {
  test.each(HOSTILE)('%s is replaced', (_, text) => {
    expect(printable(text)).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
    expect(printable(text)).toContain('?');
  });

  test.each([['firmware 1.2 (neu).dfu'], ['für Größe'], ['固件.dfu'], ['✓ █ ░ 🔋']])('%s stays as it is', (text) => {
    expect(printable(text)).toBe(text);
  });

  test('whatever the text, nothing unprintable is left', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => !/[\p{C}\p{Zl}\p{Zp}]/u.test(printable(text))));
  });
});
