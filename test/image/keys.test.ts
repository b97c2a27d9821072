import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { generateKeyPair, needsPassphrase, openKey, signingKey, trustedKey } from '../../src/image/keys.ts';
import { fixtureKey, publicKey } from './fixtures.ts';

const message = new Uint8Array(32).fill(7);
const unusable = expect.objectContaining({ code: 'key-unusable' });

describe('a new key pair', () => {
  test('signs what its public half verifies', () => {
    const pair = generateKeyPair();
    const signature = signingKey(openKey(pair.privateKey)).sign(message);
    const trusted = trustedKey(pair.publicKey);
    expect(signature).toHaveLength(64);
    expect(trusted.verify(message, signature)).toBe(true);
    expect(
      trusted.verify(
        message.map((byte) => byte ^ 1),
        signature,
      ),
    ).toBe(false);
    expect(trusted.verify(message, signature.subarray(1))).toBe(false);
    expect(Buffer.from(signingKey(openKey(pair.privateKey)).keyHash).toString('hex')).toBe(trusted.keyHash);
  });

  test('is different each time', () => {
    expect(generateKeyPair().publicKey).not.toBe(generateKeyPair().publicKey);
  });

  test('opens with its passphrase only', () => {
    const { privateKey } = generateKeyPair('correct horse');
    expect(needsPassphrase(privateKey)).toBe(true);
    expect(needsPassphrase(generateKeyPair().privateKey)).toBe(false);
    expect(signingKey(openKey(privateKey, 'correct horse')).sign(message)).toHaveLength(64);
    expect(() => openKey(privateKey)).toThrow(unusable);
    expect(() => openKey(privateKey, 'wrong')).toThrow(unusable);
    expect(() => openKey(privateKey, '')).toThrow(unusable);
  });
});

describe('a key', () => {
  test('is known by the hash that imgtool puts into images', () => {
    const expected = 'c5584de618c7d3bd2811f020601c7f0691a734b0dc21c12b77cf67a67027c0c7';
    expect(trustedKey(publicKey('maker')).keyHash).toBe(expected);
    expect(Buffer.from(fixtureKey('maker').keyHash).toString('hex')).toBe(expected);
  });

  const rsa = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const damaged = publicKey('maker').replace('MCow', 'AAAA');

  test.each([
    ['no PEM', 'hello'],
    ['nothing', ''],
    ['a private key', generateKeyPair().privateKey],
    ['an RSA key', rsa.publicKey],
    ['damaged PEM', damaged],
  ])('that is %s is not trusted', (_, pem) => {
    expect(() => trustedKey(pem)).toThrow(unusable);
  });

  test.each([
    ['no PEM', 'hello'],
    ['a public key', publicKey('maker')],
    ['an RSA key', rsa.privateKey],
    ['damaged PEM', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n'],
  ])('that is %s does not sign', (_, pem) => {
    expect(() => openKey(pem)).toThrow(unusable);
  });
});
