import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { visibleJson } from '../../../src/cli/text/clean.ts';
import { HOSTILE } from '../../hostile-text.ts';

describe('JSON loses nothing and shows everything', () => {
  test.each(HOSTILE)('%s is escaped', (_, text) => {
    expect(visibleJson({ text })).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
    expect(JSON.parse(visibleJson({ text }))).toEqual({ text });
  });

  test('whatever the text, it comes back', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => JSON.parse(visibleJson({ text })).text === text));
  });
});
