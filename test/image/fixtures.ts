import { createHash, createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { signingKey } from '../../src/image/keys.ts';
import type { ImageRecipe, SigningKey } from '../../src/protocol/image-facts.ts';

/** A file that imgtool, dfu-suffix, or both made: see the README beside it. */
export function fixture(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(`../fixtures/images/${name}`, import.meta.url)));
}

export function publicKey(name: 'maker' | 'stranger'): string {
  return Buffer.from(fixture(`${name}.pub.pem`)).toString('ascii');
}

/** PKCS #8 around the 32 bytes of an Ed25519 private key (RFC 8410 §7). */
const PKCS8_BEFORE_SEED = Buffer.from('302e020100300506032b657004220420', 'hex');

/** The key that signed the fixtures, from the same seed. */
export function fixtureKey(name: 'maker' | 'stranger'): SigningKey {
  const seed = createHash('sha256').update(`spacepack fixture ${name}`).digest();
  const der = Buffer.concat([PKCS8_BEFORE_SEED, seed]);
  return signingKey(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }));
}

/** What `unsigned.dfu` was made from. */
export const unsignedRecipe: ImageRecipe = {
  application: fixture('application.bin'),
  version: { major: 1, minor: 2, revision: 3, build: 0 },
  securityCounter: 5,
  vendorId: 0x19e7,
  productId: 0x1111,
  hardware: 0x0100,
};

/** What `signed.dfu` was made from. */
export const signedRecipe: ImageRecipe = { ...unsignedRecipe, signingKey: fixtureKey('maker') };
