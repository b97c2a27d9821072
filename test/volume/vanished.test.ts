import { describe, expect, test } from 'vitest';
import { nullIfVanished, unlessVanished } from '../../src/volume/vanished.ts';

const failure = (code: string): Error => Object.assign(new Error(`${code}: on purpose`), { code });

describe('a look that fails', () => {
  test.each(['ENOENT', 'ENODEV', 'ENXIO'])('with %s means that the thing is not there', (code) => {
    expect(nullIfVanished(failure(code))).toBeNull();
  });

  test.each(['EMFILE', 'ENFILE', 'EACCES', 'EPERM', 'ENOMEM', 'EIO', 'ELOOP', 'EINTR'])(
    'with %s tells nothing of the thing',
    (code) => {
      const look = (): never => {
        throw failure(code);
      };
      expect(() => unlessVanished(look)).toThrow(expect.objectContaining({ code }));
    },
  );

  test('by a fault of our own is no answer either', () => {
    expect(() => nullIfVanished(new TypeError('ours'))).toThrow(TypeError);
  });
});
