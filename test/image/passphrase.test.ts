import { expect, test } from 'vitest';
import { requireStrong } from '../../src/image/passphrase.ts';

test.each([
  '',
  'short',
  'eleven char',
  'aaaaaaaaaaaa',
  'abababababab',
  'abcabcabcabcabcabc',
  '123456789012',
  'abcdefghijkl',
  'passwordpassword',
  'password1234',
])('the passphrase %j is refused', (weak) => {
  expect(() => requireStrong(weak)).toThrow(expect.objectContaining({ code: 'key-unusable' }));
});

test.each(['correct horse battery', 'six random words are good', 'kX9#vT2!qLw8', 'gmtr-yxoe-pwuq'])(
  '%j is taken',
  (strong) => {
    expect(() => requireStrong(strong)).not.toThrow();
  },
);

test('the refusal does not repeat it', () => {
  expect(() => requireStrong('secretsecret')).toThrow(
    expect.objectContaining({ message: expect.not.stringMatching(/secret/) }),
  );
});
