import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cut, type Line, paint, textOf } from '../../../src/cli/text/line.ts';

const line: Line = ['plain ', { text: 'good', tone: 'good' }, ' \u001b[31m', { text: 'bad\u0007', tone: 'bad' }];

test('without colours a line has no control character', () => {
  expect(paint(line, false)).toBe('plain good ?[31mbad?');
});

test('with colours it has only our own', () => {
  const painted = paint(line, true);
  expect(painted.split('\u001b[')).toHaveLength(5);
  expect(painted).not.toContain('\u0007');
});

describe('cutting', () => {
  test('a line that fits is left alone', () => {
    expect(cut(line, textOf(line).length)).toBe(line);
  });

  test('no line is ever wider than asked', () => {
    const piece = fc.oneof(fc.string(), fc.record({ text: fc.string(), tone: fc.constant('good' as const) }));
    fc.assert(fc.property(fc.array(piece), fc.nat(100), (pieces, width) => textOf(cut(pieces, width)).length <= width));
  });

  test('a cut line says so', () => {
    expect(textOf(cut(['abcdef'], 4))).toBe('abc~');
  });
});
