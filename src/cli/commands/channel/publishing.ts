import { isAbsolute, relative, resolve } from 'node:path';
import type { Publishing } from '../../../channel/publisher/init.ts';
import { hasOnlineKeys, type Passphrases } from '../../../channel/publisher/role-keys.ts';
import { SpacepackError } from '../../../protocol/errors.ts';
import { canAsk } from '../../talk/ask.ts';
import { askNewPassphrase, askPassphrase } from '../../talk/ask-passphrase.ts';
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
  'On a terminal you are asked for both.';

/** What a command needs the passphrases for: `all` only for the keys that are there. */
export type Need = 'new' | 'all' | 'online';

async function askForNew(context: CommandContext): Promise<Passphrases> {
  const offline = await askNewPassphrase(
    context,
    'A passphrase for the keys "root" and "targets", which you will keep offline; six random words are good:',
  );
  const online = await askNewPassphrase(
    context,
    'Another passphrase, for the keys "online", which a server that refreshes the channel must know:',
  );
  if (offline !== online) return { offline, online };
  throw new SpacepackError('usage', 'Expected two different passphrases, found the same one twice.', {
    remedy: 'Whoever breaks into the server learns the one for "online"; it must not open the other keys.',
  });
}

async function askFor(context: CommandContext, keys: string, need: Need): Promise<Passphrases> {
  if (need === 'new') return askForNew(context);
  const offline =
    need === 'all' ? await askPassphrase(context, 'The passphrase of the keys "root" and "targets":') : '';
  const askOnline = need === 'online' || (await hasOnlineKeys(keys));
  return { offline, online: askOnline ? await askPassphrase(context, 'The passphrase of the keys "online":') : '' };
}

/**
 * The passphrases from the environment, else from the person at the terminal. Rejects with `usage` if there is neither.
 */
async function passphrasesFor(context: CommandContext, keys: string, need: Need): Promise<Passphrases> {
  const { variables } = context.io;
  const [offline, online] = [variables[OFFLINE], variables[ONLINE]];
  if (offline) return { offline, online: online || offline };
  if (need === 'online' && online) return { offline: '', online };
  if (canAsk(context)) return askFor(context, keys, need);
  const names = need === 'online' ? `${ONLINE} or ${OFFLINE}` : OFFLINE;
  throw new SpacepackError('usage', `Expected a passphrase in the environment variable ${names}, found none.`);
}

/**
 * What is added to a result where the online keys are not: clients have not been told of it yet. It is also told as a
 * notice, with what is left to do.
 */
export async function seenLater({ speaker }: CommandContext, { keys }: Publishing): Promise<string> {
  if (await hasOnlineKeys(keys)) return '';
  const message =
    'Bring the folder to where the keys "online" are, and run `spacepack channel refresh` there: before that, no client sees it.';
  speaker.tell({ event: 'notice', device: null, code: 'channel', message });
  return ' No client sees it before the next refresh.';
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
    passphrases: await passphrasesFor(context, keys, need),
    now: new Date(),
  };
}
