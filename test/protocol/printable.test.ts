import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { printable, withoutCredentials } from '../../src/protocol/printable.ts';
import { HOSTILE } from '../hostile-text.ts';

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

describe('what is repeated of what a person typed has no credential in its addresses', () => {
  test.each([
    ['Unknown argument: https://me:secret@example.com/f.dfu.', 'Unknown argument: https://example.com/f.dfu.'],
    ['found "https://me:secret@h:99999/".', 'found "https://h:99999/".'],
    ['https:/me:sec@ret@h/?token=secret#secret and http://secret@h', 'https:/h/ and http://h'],
    ['http:\\\\me:secret@h', 'http:\\\\h'],
    ['Unknown argument: a@b.', 'Unknown argument: a@b.'],
  ])('%s', (text, shown) => {
    expect(withoutCredentials(text)).toBe(shown);
  });
});
