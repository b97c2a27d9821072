import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import { SpacepackError } from '../protocol/errors.ts';
import type { SigningKey, TrustedKey } from '../protocol/image-facts.ts';
import { smallOrderKeyHashes } from '../protocol/small-order.ts';
import { encryptKey } from './encrypted-key.ts';

export interface KeyPair {
  /** Ready to sign. */
  readonly key: KeyObject;
  /** PKCS #8, PEM; encrypted if a passphrase was given. A secret: only its owner may read its file. */
  readonly privateKey: string;
  /** SubjectPublicKeyInfo, PEM. */
  readonly publicKey: string;
}

/** A new Ed25519 key pair, like those of `imgtool keygen -t ed25519`. `rounds`: what guessing the passphrase costs. */
export function generateKeyPair(passphrase?: string, rounds?: number): KeyPair {
  const { privateKey: key, publicKey } = generateKeyPairSync('ed25519');
  const plain = (): string => key.export({ type: 'pkcs8', format: 'pem' }).toString();
  return {
    key,
    privateKey: passphrase === undefined ? plain() : encryptKey(key, passphrase, rounds),
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
}

function unusable(expected: string, found: string, cause?: unknown): SpacepackError {
  return new SpacepackError('key-unusable', `Expected ${expected}, found ${found}.`, { cause });
}

function requireEd25519(key: KeyObject): KeyObject {
  if (key.asymmetricKeyType === 'ed25519') return key;
  throw unusable('an Ed25519 key', `a key of type ${key.asymmetricKeyType ?? 'unknown'}`);
}

/** What a PEM text says it holds, e.g. `ENCRYPTED PRIVATE KEY`; `null` if it is not PEM. */
function labelOf(pem: string): string | null {
  return /-----BEGIN ([A-Z0-9 ]{1,40})-----/.exec(pem)?.[1] ?? null;
}

function hashOf(publicKey: KeyObject): Buffer {
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest();
}

/**
 * A public key from PEM (SubjectPublicKeyInfo). Throws `key-unusable`, also for a private key: that is its owner's
 * alone.
 */
export function trustedKey(pem: string): TrustedKey {
  const expected = 'a public key in PEM (BEGIN PUBLIC KEY)';
  const label = labelOf(pem);
  if (label !== 'PUBLIC KEY') throw unusable(expected, label === null ? 'no PEM' : `BEGIN ${label}`);
  let key: KeyObject;
  try {
    key = createPublicKey(pem);
  } catch (thrown) {
    throw unusable(expected, 'PEM that cannot be decoded', thrown);
  }
  requireEd25519(key);
  const keyHash = hashOf(key).toString('hex');
  if (smallOrderKeyHashes(() => createHash('sha256')).has(keyHash)) {
    throw unusable('a key that only its owner can sign with', 'one that anybody can sign for (of small order)');
  }
  return {
    keyHash,
    verify: (message, signature) => verify(null, message, key, signature),
  };
}

/** Whether a private key in PEM needs a passphrase. */
export function needsPassphrase(pem: string): boolean {
  return labelOf(pem) === 'ENCRYPTED PRIVATE KEY';
}

/** A private key from PEM (PKCS #8). Throws `key-unusable`, also if the passphrase is missing or wrong. */
export function openKey(pem: string, passphrase?: string): KeyObject {
  const expected = 'a private key in PEM (BEGIN PRIVATE KEY)';
  const label = labelOf(pem);
  if (label !== 'PRIVATE KEY' && label !== 'ENCRYPTED PRIVATE KEY') {
    throw unusable(expected, label === null ? 'no PEM' : `BEGIN ${label}`);
  }
  if (needsPassphrase(pem) && passphrase === undefined) throw unusable('a passphrase for the private key', 'none');
  let key: KeyObject;
  try {
    key = createPrivateKey(passphrase === undefined ? pem : { key: pem, passphrase });
  } catch (thrown) {
    const found = needsPassphrase(pem)
      ? 'a wrong passphrase, or PEM that cannot be decoded'
      : 'PEM that cannot be decoded';
    throw unusable(expected, found, thrown);
  }
  return requireEd25519(key);
}

/** What signs with an Ed25519 private key. */
export function signingKey(key: KeyObject): SigningKey {
  return { keyHash: hashOf(createPublicKey(key)), sign: (message) => sign(null, message, key) };
}
