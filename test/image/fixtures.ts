import { createHash, createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { CheckOptions } from '../../src/image/check.ts';
import * as check from '../../src/image/check.ts';
import { signingKey } from '../../src/image/keys.ts';
import { type PayloadSource, readExactly } from '../../src/image/payload.ts';
import type { CheckedImage, ImageRecipe, ImageReport, SigningKey } from '../../src/protocol/image-facts.ts';
import { spacepack } from '../../src/protocol/spacepack/family.ts';
import type { PayloadScan } from '../../src/protocol/spacepack/image/checks.ts';
import { createPayloadScanner } from '../../src/protocol/spacepack/image/scan.ts';

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
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  return signingKey(key.export({ format: 'pem', type: 'pkcs8' }).toString());
}

/** As the programs do it, for the one family whose images these are. */
export const createImage = (recipe: ImageRecipe): Uint8Array =>
  spacepack.images.create(recipe, () => createHash('sha256'));
export const checkImage = (payload: PayloadSource, options?: CheckOptions): Promise<CheckedImage> =>
  check.checkImage(payload, [spacepack], options);
export const inspectImage = (payload: PayloadSource, options?: CheckOptions): Promise<ImageReport> =>
  check.inspectImage(payload, [spacepack], options);

/** What is kept of a payload for its checks. */
export async function scanPayload(payload: PayloadSource): Promise<PayloadScan> {
  const scanner = createPayloadScanner(payload.sizeBytes, () => createHash('sha256'));
  for await (const chunk of readExactly(payload)) scanner.take(chunk);
  return scanner.finish();
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

/** The payload in chunks of the given sizes, over and over, all in the same memory. */
export function chunked(bytes: Uint8Array, sizes: readonly number[]): PayloadSource {
  return {
    name: 'test.dfu',
    sizeBytes: bytes.length,
    async *read() {
      const memory = new Uint8Array(Math.max(...sizes));
      let offset = 0;
      for (let index = 0; offset < bytes.length; index++) {
        const chunk = bytes.subarray(offset, offset + (sizes[index % sizes.length] ?? 1));
        memory.fill(0xee);
        memory.set(chunk);
        yield memory.subarray(0, chunk.length);
        offset += chunk.length;
      }
    },
  };
}
