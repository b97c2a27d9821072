import { execFileSync } from 'node:child_process';
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { encryptKey, isCheaper, ROUNDS } from '../../src/image/encrypted-key.ts';

const passphrase = 'correct horse battery';
const { privateKey: key } = generateKeyPairSync('ed25519');
const der = (pem: string): Buffer =>
  createPrivateKey({ key: pem, passphrase }).export({ type: 'pkcs8', format: 'der' });
const plain = key.export({ type: 'pkcs8', format: 'der' });
const openssl = (args: readonly string[], input: string): string =>
  execFileSync('openssl', args, { input, encoding: 'utf8', env: { ...process.env, P: passphrase } });

/** As Node and earlier versions of spacepack wrote it: 2048 rounds. */
const old = key.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase }).toString();

describe('an encrypted key', () => {
  // 127, 128 and 256: where the encoding of a number grows.
  test.each([1, 127, 128, 255, 256, 65_535, ROUNDS])('with %i rounds opens with its passphrase alone', (rounds) => {
    const pem = encryptKey(key, passphrase, rounds);
    expect(der(pem)).toEqual(plain);
    expect(() => createPrivateKey({ key: pem, passphrase: 'another one' })).toThrow();
    expect([isCheaper(pem, rounds), isCheaper(pem, rounds + 1)]).toEqual([false, true]);
  });

  test('opens in OpenSSL, which says what it costs', () => {
    const pem = encryptKey(key, passphrase);
    expect(openssl(['pkey', '-passin', 'env:P'], pem)).toBe(key.export({ type: 'pkcs8', format: 'pem' }));
    const shown = openssl(['asn1parse'], pem);
    expect(shown).toMatch(/PBES2[\s\S]*PBKDF2[\s\S]*INTEGER +:0927C0[\s\S]*hmacWithSHA256[\s\S]*aes-256-cbc/);
  });

  test('never has the same salt twice', () => {
    expect(encryptKey(key, passphrase, 1)).not.toBe(encryptKey(key, passphrase, 1));
  });
});

describe('guessing is cheaper', () => {
  test('for a key as Node exports it', () => {
    expect(der(old)).toEqual(plain);
    expect(isCheaper(old)).toBe(true);
  });

  test('for a key of the oldest form', () => {
    const args = ['pkcs8', '-topk8', '-v1', 'PBE-SHA1-3DES', '-passout', 'env:P'];
    expect(isCheaper(openssl(args, key.export({ type: 'pkcs8', format: 'pem' }).toString()))).toBe(true);
  });

  test.each([
    ['of scrypt, which its owner chose', ['-scrypt'], false],
    ['of many rounds with SHA-1', ['-v2', 'aes256', '-v2prf', 'hmacWithSHA1', '-iter', '700000'], true],
    ['of many rounds', ['-v2', 'aes256', '-v2prf', 'hmacWithSHA256', '-iter', '700000'], false],
  ])('or not for one %s', (_, options, cheaper) => {
    const args = ['pkcs8', '-topk8', ...options, '-passout', 'env:P'];
    expect(isCheaper(openssl(args, key.export({ type: 'pkcs8', format: 'pem' }).toString()))).toBe(cheaper);
  });

  test.each(['', 'hello', key.export({ type: 'pkcs8', format: 'pem' }).toString()])('for nothing else: %j', (text) => {
    expect(isCheaper(text)).toBe(false);
  });
});
