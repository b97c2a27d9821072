import { describe, expect, test } from 'vitest';
import { fitsPattern } from '../../src/channel/path-pattern.ts';

describe('a pattern of a delegated role', () => {
  test.each([
    ['a.dfu', 'a.dfu'],
    ['*', 'a.dfu'],
    ['*.dfu', 'a.dfu'],
    ['a*', 'a'],
    ['*-*.dfu', 'acme-1.0.0-0100.dfu'],
    ['?.dfu', 'a.dfu'],
    ['a[0-9].dfu', 'a7.dfu'],
    ['a[!0-9].dfu', 'ab.dfu'],
    ['a[]].dfu', 'a].dfu'],
    ['acme/*', 'acme/a.dfu'],
    ['*/*', 'acme/a.dfu'],
    ['a[b', 'a[b'],
  ])('%s means %s', (pattern, name) => {
    expect(fitsPattern(name, pattern)).toBe(true);
  });

  test.each([
    ['*.dfu', 'a.dfu/b'],
    ['*', 'acme/a.dfu'],
    ['acme/*', 'a.dfu'],
    ['?.dfu', '.dfu'],
    ['a', 'ab'],
    ['*b', 'a'],
    ['a[0-9].dfu', 'ab.dfu'],
    ['a[!0-9].dfu', 'a7.dfu'],
    ['{a,b}', 'a'],
    ['!a', 'b'],
    ['+(a)', 'a'],
    ['a.dfu', 'aXdfu'],
    ['', 'a'],
  ])('%s does not mean %s', (pattern, name) => {
    expect(fitsPattern(name, pattern)).toBe(false);
  });

  test('with many stars takes no more time than others, and one without end means nothing', () => {
    expect(fitsPattern(`${'a'.repeat(400)}.dfu`, `${'*a'.repeat(200)}b`)).toBe(false);
    expect(fitsPattern('a'.repeat(400), `${'*a'.repeat(200)}*`)).toBe(true);
    expect(fitsPattern('a', `a${'*'.repeat(10_000)}`)).toBe(false);
  });
});
