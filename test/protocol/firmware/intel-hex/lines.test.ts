import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLineSplitter } from '../../../../src/protocol/firmware/intel-hex/lines.ts';

function linesOf(chunks: readonly string[], mostBytes = 8): string[] {
  const lines: string[] = [];
  const splitter = createLineSplitter(mostBytes, (line) => lines.push(Buffer.from(line).toString('latin1')));
  for (const chunk of chunks) splitter.take(Buffer.from(chunk, 'latin1'));
  splitter.finish();
  return lines;
}

test.each([
  ['LF', ['a\nb\n'], ['a', 'b']],
  ['CR and LF', ['a\r\nb\r\n'], ['a', 'b']],
  ['no end of the last line', ['a\nb'], ['a', 'b']],
  ['blank lines', ['\n\r\na\n'], ['', '', 'a']],
  ['a CR that is not at the end', ['a\rb\n'], ['a\rb']],
  ['nothing', [''], []],
  ['an end between two chunks', ['a\r', '\nb', '\n'], ['a', 'b']],
  ['the longest line', ['12345678\r\n'], ['12345678']],
  ['a longer line, cut', ['1234567890123\nb\n'], ['123456789', 'b']],
  ['a longer line in pieces, cut', ['12345', '67890', '123\nb', '\n'], ['123456789', 'b']],
])('%s', (_, chunks, lines) => {
  expect(linesOf(chunks)).toEqual(lines);
});

test('gives the same lines in chunks of any size', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '\r', '\n'), maxLength: 60 });
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 20 }), (whole, size) => {
      const chunks = whole.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [];
      expect(linesOf(chunks)).toEqual(linesOf([whole]));
    }),
  );
});
