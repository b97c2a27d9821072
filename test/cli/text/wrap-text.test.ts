import fc from 'fast-check';
import { expect, test } from 'vitest';
import { wrapText } from '../../../src/cli/text/wrap-text.ts';

test('breaks between words, and within one that is too long', () => {
  expect(wrapText('one two abcdefghij', 7)).toEqual(['one two', 'abcdefg', 'hij']);
});

test('loses nothing, and no line is too wide', () => {
  fc.assert(
    fc.property(fc.string(), fc.integer({ min: 1, max: 40 }), (text, width) => {
      const lines = wrapText(text, width);
      expect(lines.every((line) => line.length <= width)).toBe(true);
      expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
    }),
  );
});
