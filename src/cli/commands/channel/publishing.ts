import { isAbsolute, relative, resolve } from 'node:path';
import type { Publishing } from '../../../channel/publisher/init.ts';
import type { Passphrases } from '../../../channel/publisher/role-keys.ts';
import { SpacepackError } from '../../../protocol/errors.ts';
import { canAsk } from '../../talk/ask.ts';
import type { CommandContext } from '../command.ts';

export const keysOption = {
  keys: {
    type: 'string',
    demandOption: true,
    requiresArg: true,
    describe: 'Folder with the keys of the channel; never inside the folder that is served',
  },
} as const;

export const folderPositional = {
  folder: { type: 'string', demandOption: true, describe: 'The folder of the channel that is served' },
} as const;

export const releasePositional = {
  release: { type: 'string', demandOption: true, describe: 'The name of the release, or its version' },
} as const;

const OFFLINE = 'SPACEPACK_CHANNEL_PASSPHRASE';
const ONLINE = 'SPACEPACK_CHANNEL_ONLINE_PASSPHRASE';

/** The text below the help of every command that signs. */
export const PASSPHRASE_EPILOGUE: string =
  `The passphrase of the keys is read from ${OFFLINE}; for the folder "online", from ${ONLINE} if it is set. ` +
  'On a terminal you are asked for it.';

async function ask({ io, speaker, interrupts }: CommandContext, question: string): Promise<string> {
  speaker.question([[{ text: question, tone: 'strong' }]]);
  const answer = await io.stdin.readLine(interrupts.cancel, { hidden: true });
  if (answer) return answer;
  throw new SpacepackError('interrupted', 'Expected a passphrase, found none.');
}

async function askTwice(context: CommandContext): Promise<string> {
  const first = await ask(context, 'A passphrase for the new keys, at least 12 characters:');
  if ((await ask(context, 'The same again:')) === first) return first;
  throw new SpacepackError('usage', 'Expected the same passphrase twice, found two different ones.');
}

/** What a command needs the passphrases for. */
export type Need = 'new' | 'all' | 'online';

/**
 * The passphrases from the environment, else from the person at the terminal. Rejects with `usage` if there is neither.
 */
export async function passphrasesFor(context: CommandContext, need: Need): Promise<Passphrases> {
  const { variables } = context.io;
  const [offline, online] = [variables[OFFLINE], variables[ONLINE]];
  if (offline) return { offline, online: online || offline };
  if (need === 'online' && online) return { offline: online, online };
  if (!canAsk(context)) {
    const names = need === 'online' ? `${ONLINE} or ${OFFLINE}` : OFFLINE;
    throw new SpacepackError('usage', `Expected a passphrase in the environment variable ${names}, found none.`);
  }
  const answer = await (need === 'new' ? askTwice(context) : ask(context, 'The passphrase of the keys:'));
  return { offline: answer, online: online || answer };
}

/** Throws `usage` for keys in the folder that is served: even encrypted keys must not be public. */
function requireApart(folder: string, keys: string): void {
  const way = relative(resolve(folder), resolve(keys));
  if (way !== '' && (way.startsWith('..') || isAbsolute(way))) return;
  throw new SpacepackError('usage', `Expected the keys outside ${folder}, which is served, found ${keys}.`);
}

/** Everything that a command needs to publish. Rejects with `usage`, or `interrupted` if no passphrase is given. */
export async function publishingFor(
  context: CommandContext,
  { folder, keys }: { readonly folder: string; readonly keys: string },
  need: Need,
): Promise<Publishing> {
  requireApart(folder, keys);
  return {
    families: context.io.families,
    folder,
    keys,
    passphrases: await passphrasesFor(context, need),
    now: new Date(),
  };
}
