import { unlink } from 'node:fs/promises';
import { generateKeyPair, trustedKey } from '../../../image/keys.ts';
import { writeNewFile } from '../../io/new-file.ts';
import { answered } from '../../talk/result.ts';
import { type Command, defineCommand } from '../command.ts';
import { passphraseOf } from './passphrase.ts';

/** The private key is for its owner alone, the public key for everybody. */
const SECRET_MODE = 0o600;
const PUBLIC_MODE = 0o644;

export const imageKeygen: Command = defineCommand({
  name: 'keygen',
  description: 'Create a key pair for signing images',
  positionals: {
    name: { type: 'string', demandOption: true, describe: 'Creates NAME.private.pem and NAME.public.pem' },
  },
  options: {
    passphrase: {
      type: 'string',
      requiresArg: true,
      describe: 'Environment variable that holds a passphrase for the private key',
    },
  },
  examples: [
    ['$0 image keygen maker', 'maker.private.pem and maker.public.pem'],
    ['$0 image keygen maker --passphrase KEY_PASSPHRASE', 'The private key encrypted'],
  ],
  epilogue:
    'An Ed25519 pair, as imgtool makes them. Anyone who has the private key can sign firmware for your devices.',
  async run({ name, passphrase }, { io, speaker }) {
    const pair = generateKeyPair(passphraseOf(io, passphrase));
    const files = { 'private-key': `${name}.private.pem`, 'public-key': `${name}.public.pem` } as const;
    await writeNewFile(files['private-key'], pair.privateKey, SECRET_MODE);
    try {
      await writeNewFile(files['public-key'], pair.publicKey, PUBLIC_MODE);
    } catch (thrown) {
      // Half a pair is useless, and its file would block the next try.
      await unlink(files['private-key']);
      throw thrown;
    }
    for (const role of ['private-key', 'public-key'] as const) {
      speaker.tell({ event: 'file', device: null, role, path: files[role] });
    }
    const { keyHash } = trustedKey(pair.publicKey);
    speaker.page([
      [`private key  ${files['private-key']}  (keep it secret, keep a copy)`],
      [`public key   ${files['public-key']}`],
      [`key hash     ${keyHash}`],
    ]);
    return answered(`Made a key pair with the hash ${keyHash}.`);
  },
});
