import { unlink } from 'node:fs/promises';
import { generateKeyPair, trustedKey } from '../../../image/keys.ts';
import { requireStrong } from '../../../image/passphrase.ts';
import { writeNewFile } from '../../io/new-file.ts';
import { askNewPassphrase } from '../../talk/ask-passphrase.ts';
import { answered } from '../../talk/result.ts';
import { type Command, type CommandContext, defineCommand } from '../command.ts';
import { passphraseOf, passphraseOption } from './passphrase.ts';

/** The private key is for its owner alone, the public key for everybody. */
const SECRET_MODE = 0o600;
const PUBLIC_MODE = 0o644;

const askNew = (context: CommandContext): Promise<string> =>
  askNewPassphrase(context, 'A passphrase for the new key, at least 12 characters; six random words are good:');

export const imageKeygen: Command = defineCommand({
  name: 'keygen',
  description: 'Create a key pair for signing images',
  positionals: {
    name: { type: 'string', demandOption: true, describe: 'Creates NAME.private.pem and NAME.public.pem' },
  },
  options: {
    ...passphraseOption,
    unencrypted: {
      type: 'boolean',
      default: false,
      describe: 'Without a passphrase: whoever reads the file can sign firmware',
    },
  },
  examples: [['$0 image keygen maker', 'maker.private.pem, encrypted, and maker.public.pem']],
  epilogue:
    'An Ed25519 pair, which imgtool opens too. Anyone who has the private key can sign firmware for your devices.',
  async run({ name, passphrase: variable, unencrypted }, context) {
    const { speaker } = context;
    const passphrase = unencrypted ? undefined : await passphraseOf(context, variable, askNew);
    if (passphrase !== undefined) requireStrong(passphrase);
    const pair = generateKeyPair(passphrase);
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
      [
        `private key  ${files['private-key']}  ${unencrypted ? '(not encrypted: keep it secret)' : '(keep it and its passphrase secret, and a copy of both)'}`,
      ],
      [`public key   ${files['public-key']}`],
      [`key hash     ${keyHash}`],
    ]);
    return answered(`Made a key pair with the hash ${keyHash}.`);
  },
});
