import type { KeyObject } from 'node:crypto';
import { lstat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errnoOf } from '../computer/errno.ts';
import { closeOwn, onOwnDisk, openRegular, writeWhole } from '../computer/own-disk.ts';
import { messageOf, SpacepackError } from '../protocol/errors.ts';
import { encryptKey, isCheaper, ROUNDS } from './encrypted-key.ts';
import { needsPassphrase, openKey } from './keys.ts';

const refusal = (path: string, expected: string, found: string, rest: { cause?: unknown; remedy?: string } = {}) =>
  new SpacepackError('key-unusable', `${path}: expected ${expected}, found ${found}.`, rest);

/** The text of a key that only its owner can read. */
async function readSecret(path: string): Promise<string> {
  try {
    const handle = await openRegular(path);
    try {
      const [{ mode }, text] = await onOwnDisk(dirname(path), () =>
        Promise.all([handle.stat(), handle.readFile('utf8')]),
      );
      if (process.platform === 'win32' || (mode & 0o077) === 0) return text;
      const remedy = `Make sure that nobody has read it, and run \`chmod 600 ${path}\`; if somebody may have, replace it.`;
      throw refusal(path, 'a private key that only its owner can read (mode 600)', (mode & 0o777).toString(8), {
        remedy,
      });
    } finally {
      await closeOwn(handle);
    }
  } catch (thrown) {
    if (thrown instanceof SpacepackError) throw thrown;
    throw refusal(path, 'a private key', messageOf(thrown), { cause: thrown });
  }
}

/** Encrypts a key file anew, so that guessing costs more. Where it cannot be written, it stays as it is. */
async function strengthen(path: string, key: KeyObject, passphrase: string, rounds: number): Promise<void> {
  const found = await onOwnDisk(dirname(path), () => lstat(path));
  // The key behind a link may be on a stick on purpose: a copy of it must not stay here.
  if (!found.isFile() || found.nlink !== 1) return;
  try {
    await writeWhole(path, encryptKey(key, passphrase, rounds));
  } catch (thrown) {
    if (!['EACCES', 'EPERM', 'EROFS', 'ENOSPC'].includes(errnoOf(thrown) ?? '')) throw thrown;
  }
}

export interface KeyFileOptions {
  /** Asked for only if the key is encrypted. */
  readonly passphrase: () => Promise<string | undefined>;
  readonly mustBeEncrypted?: boolean;
  /** What guessing a passphrase must cost, in rounds of PBKDF2: a file where it costs less is encrypted anew. */
  readonly rounds?: number | undefined;
}

/**
 * The one way to a private key in a file. Rejects with `key-unusable`, also if others can read the file, and with
 * `own-disk` if a file that had to be encrypted anew could not be.
 */
export async function loadPrivateKey(path: string, options: KeyFileOptions): Promise<KeyObject> {
  const { mustBeEncrypted = false, rounds = ROUNDS } = options;
  const pem = await readSecret(path);
  const isEncrypted = needsPassphrase(pem);
  if (mustBeEncrypted && !isEncrypted) {
    throw refusal(path, 'an encrypted private key (BEGIN ENCRYPTED PRIVATE KEY)', 'another text');
  }
  const passphrase = isEncrypted ? await options.passphrase() : undefined;
  let key: KeyObject;
  try {
    key = openKey(pem, passphrase);
  } catch (thrown) {
    if (!(thrown instanceof SpacepackError)) throw thrown;
    throw new SpacepackError(thrown.code, `${path}: ${thrown.message}`, { cause: thrown });
  }
  if (passphrase !== undefined && isCheaper(pem, rounds)) await strengthen(path, key, passphrase, rounds);
  return key;
}
