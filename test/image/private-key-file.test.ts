import { chmodSync, linkSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { isCheaper } from '../../src/image/encrypted-key.ts';
import { generateKeyPair } from '../../src/image/keys.ts';
import { loadPrivateKey } from '../../src/image/private-key-file.ts';
import { temporaryFile, temporaryFolder } from '../cli/harness.ts';

const secret = 'correct horse battery';
const passphrase = async (): Promise<string> => secret;
const cost = 500;
const pair = generateKeyPair(secret, 100);
const load = (path: string, more: object = {}) => loadPrivateKey(path, { passphrase, rounds: cost, ...more });

function keyFile(text: string, mode = 0o600): string {
  const path = temporaryFile('key.pem', text);
  chmodSync(path, mode);
  return path;
}

test('a key that is cheap to guess opens, and is encrypted anew in its place', async () => {
  const path = keyFile(pair.privateKey);
  expect((await load(path)).equals(pair.key)).toBe(true);
  const after = readFileSync(path, 'utf8');
  expect([isCheaper(pair.privateKey, cost), isCheaper(after, cost)]).toEqual([true, false]);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readdirSync(dirname(path))).toEqual(['key.pem']);
  expect((await load(path)).equals(pair.key)).toBe(true);
  expect(readFileSync(path, 'utf8')).toBe(after);
});

test('a key behind a link, or with a second name, is not copied away from where it is kept', async () => {
  const stick = keyFile(pair.privateKey);
  const link = join(temporaryFolder(), 'link.pem');
  symlinkSync(stick, link);
  const second = join(dirname(stick), 'second.pem');
  linkSync(stick, second);
  for (const path of [link, second]) expect((await load(path)).equals(pair.key)).toBe(true);
  expect(readFileSync(stick, 'utf8')).toBe(pair.privateKey);
  expect(statSync(second).ino).toBe(statSync(stick).ino);
});

test('a wrong passphrase changes nothing', async () => {
  const path = keyFile(pair.privateKey);
  const wrong = async (): Promise<string> => 'another passphrase';
  await expect(load(path, { passphrase: wrong })).rejects.toMatchObject({ code: 'key-unusable' });
  expect(readFileSync(path, 'utf8')).toBe(pair.privateKey);
});

test.skipIf(process.platform === 'win32').each([0o666, 0o644, 0o640, 0o601])(
  'a key of mode %o is refused, whether it is encrypted or not',
  async (mode) => {
    for (const text of [pair.privateKey, generateKeyPair().privateKey]) {
      await expect(load(keyFile(text, mode))).rejects.toMatchObject({ code: 'key-unusable' });
    }
  },
);

test('a passphrase is asked for only if the key needs one, and a key must be encrypted where that is asked', async () => {
  const path = keyFile(generateKeyPair().privateKey);
  const never = async (): Promise<string> => {
    throw new Error('asked');
  };
  await expect(load(path, { passphrase: never })).resolves.toBeDefined();
  await expect(load(path, { mustBeEncrypted: true })).rejects.toMatchObject({ code: 'key-unusable' });
});
