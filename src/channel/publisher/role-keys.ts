import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Key, Signature } from '@tufjs/models';
import { isThere, makeOwnFolder } from '../../computer/own-disk.ts';
import { generateKeyPair, signingKey } from '../../image/keys.ts';
import { requireStrong } from '../../image/passphrase.ts';
import { loadPrivateKey } from '../../image/private-key-file.ts';
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

export interface Passphrases {
  /** For root and targets. */
  readonly offline: string;
  /** For snapshot and timestamp, whose keys are on a server that must not know the other passphrase. */
  readonly online: string;
  /** What guessing one must cost, in rounds of PBKDF2; default: today's usual cost. */
  readonly rounds?: number;
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

/** Whether the keys of a server are here: without them, a list is published but not yet announced to clients. */
export async function hasOnlineKeys(keys: string): Promise<boolean> {
  return (await isThere(keyPath(keys, 'snapshot'))) || (await isThere(keyPath(keys, 'timestamp')));
}

function roleKey(name: KeyName, privateKey: KeyObject): RoleKey {
  const signing = signingKey(privateKey);
  const { x = '' } = createPublicKey(privateKey).export({ format: 'jwk' });
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
  requireStrong(passphrase);
  const { key, privateKey } = generateKeyPair(passphrase, passphrases.rounds);
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
  return roleKey(name, key);
}

/** Loads a key. Rejects with `key-unusable`, also if others can read its file or it is not encrypted. */
export function loadRoleKey(keys: string, name: KeyName, passphrases: Passphrases): Promise<RoleKey> {
  return loadRoleKeyAt(keyPath(keys, name), name, passphrases);
}

/** The same for a key at another path. */
export async function loadRoleKeyAt(path: string, name: KeyName, passphrases: Passphrases): Promise<RoleKey> {
  const passphrase = async (): Promise<string> => passphraseFor(passphrases, name);
  const { rounds } = passphrases;
  return roleKey(name, await loadPrivateKey(path, { passphrase, mustBeEncrypted: true, rounds }));
}

/** Removes keys that were made for something that then failed. */
export async function removeKeys(paths: readonly string[]): Promise<void> {
  for (const path of paths) await rm(path, { force: true });
}
