import { createHash, createPrivateKey, createPublicKey } from 'node:crypto';
import { open, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Key, Signature } from '@tufjs/models';
import { makeOwnFolder, readText } from '../../computer/own-disk.ts';
import { generateKeyPair, needsPassphrase, signingKey } from '../../image/keys.ts';
import { messageOf, SpacepackError } from '../../protocol/errors.ts';

/** Any two of the three sign a new root, so that one may be lost. */
export const ROOT_KEYS = ['root-1', 'root-2', 'root-3'] as const;
/** The root keys come first: their index here is their index in the root's role. */
export const KEY_NAMES = ['root-1', 'root-2', 'root-3', 'targets', 'snapshot', 'timestamp'] as const;
export type KeyName = (typeof KEY_NAMES)[number];

/** One folder for each place where keys should be kept: a server that refreshes a channel needs only `online`. */
const FOLDERS: Readonly<Record<KeyName, string>> = {
  'root-1': 'root',
  'root-2': 'root',
  'root-3': 'root',
  targets: 'targets',
  snapshot: 'online',
  timestamp: 'online',
};

/** Node derives the file's key with few rounds, so the passphrase itself must be strong. */
const LEAST_PASSPHRASE = 12;

export interface Passphrases {
  /** For root and targets. */
  readonly offline: string;
  /** For snapshot and timestamp, whose keys are on a server that must not know the other passphrase. */
  readonly online: string;
}

/** A role's key, ready to sign. */
export interface RoleKey {
  readonly name: KeyName;
  readonly key: Key;
  sign(data: Uint8Array): Signature;
}

export const keyPath = (keys: string, name: KeyName): string => join(keys, FOLDERS[name], `${name}.pem`);

function passphraseFor({ offline, online }: Passphrases, name: KeyName): string {
  return FOLDERS[name] === 'online' ? online : offline;
}

function roleKey(name: KeyName, pem: string, passphrase: string): RoleKey {
  const signing = signingKey(pem, passphrase);
  const { x = '' } = createPublicKey(createPrivateKey({ key: pem, passphrase })).export({ format: 'jwk' });
  const publicHex = Buffer.from(x, 'base64url').toString('hex');
  // The id as securesystemslib computes it: over the canonical JSON, which equals this for these values.
  const canonical = JSON.stringify({ keytype: 'ed25519', keyval: { public: publicHex }, scheme: 'ed25519' });
  const keyID = createHash('sha256').update(canonical).digest('hex');
  return {
    name,
    key: new Key({ keyID, keyType: 'ed25519', scheme: 'ed25519', keyVal: { public: publicHex } }),
    sign: (data) => new Signature({ keyID, sig: Buffer.from(signing.sign(data)).toString('hex') }),
  };
}

/** Creates an encrypted key (PKCS #8, mode 0600) at a path where no file exists. Rejects with `key-unusable`. */
export async function createRoleKey(path: string, name: KeyName, passphrases: Passphrases): Promise<RoleKey> {
  const passphrase = passphraseFor(passphrases, name);
  if (passphrase.length < LEAST_PASSPHRASE) {
    const message = `Expected a passphrase of at least ${LEAST_PASSPHRASE} characters, found ${passphrase.length}.`;
    throw new SpacepackError('key-unusable', message, { remedy: 'Choose a longer passphrase.' });
  }
  const { privateKey } = generateKeyPair(passphrase);
  await makeOwnFolder(dirname(path));
  try {
    const handle = await open(path, 'wx', 0o600);
    try {
      await handle.writeFile(privateKey);
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (thrown) {
    const remedy = 'Choose another folder for the keys; spacepack never overwrites a key.';
    throw new SpacepackError('key-unusable', `Expected to create the key ${path}, found ${messageOf(thrown)}.`, {
      cause: thrown,
      remedy,
    });
  }
  return roleKey(name, privateKey, passphrase);
}

/** Loads a key. Rejects with `key-unusable`, also if others can read its file or it is not encrypted. */
export async function loadRoleKey(keys: string, name: KeyName, passphrases: Passphrases): Promise<RoleKey> {
  const path = keyPath(keys, name);
  const refuse = (expected: string, found: string, cause?: unknown): SpacepackError =>
    new SpacepackError('key-unusable', `${path}: expected ${expected}, found ${found}.`, {
      cause,
      remedy: 'Give the folder of the keys with --keys, and their passphrase.',
    });
  let pem: string;
  try {
    pem = await readText(path);
  } catch (thrown) {
    if (thrown instanceof SpacepackError) throw thrown;
    throw refuse('a private key', messageOf(thrown), thrown);
  }
  const mode = (await stat(path)).mode & 0o777;
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) throw refuse('mode 600', mode.toString(8));
  if (!needsPassphrase(pem)) throw refuse('an encrypted private key (BEGIN ENCRYPTED PRIVATE KEY)', 'another text');
  try {
    return roleKey(name, pem, passphraseFor(passphrases, name));
  } catch (thrown) {
    if (!(thrown instanceof SpacepackError)) throw thrown;
    throw new SpacepackError(thrown.code, `${path}: ${thrown.message}`, { cause: thrown });
  }
}

/** Removes keys that were made for something that then failed. */
export async function removeKeys(paths: readonly string[]): Promise<void> {
  for (const path of paths) await rm(path, { force: true });
}
