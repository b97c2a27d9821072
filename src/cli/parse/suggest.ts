import { COMMANDS, commandPath, nameOf } from '../commands/index.ts';
import { GLOBAL_OPTIONS } from '../device/options.ts';
import { nearest } from './nearest.ts';

/** What could have stood in the place of an unknown word: commands, or options of the command that was given. */
async function knownWords(argv: readonly string[]): Promise<readonly string[]> {
  const last = commandPath(argv).at(-1);
  if (last === undefined) return COMMANDS.map(nameOf);
  if ('children' in last) return last.children.map(nameOf);
  return Object.keys({ ...(await last.load()).options, ...GLOBAL_OPTIONS });
}

/** The words that yargs says are unknown, and for the first of them what is meant most likely, as it is written; `null`: no idea. */
export async function suggest(message: string, argv: readonly string[]): Promise<string | null> {
  const word = /^Unknown (?:argument|command)s?: ([^,]+)/.exec(message)?.[1];
  if (word === undefined) return null;
  const best = await nearest(word, await knownWords(argv));
  if (best === null) return null;
  return argv.some((argument) => argument.startsWith(`--${word}`)) ? `--${best}` : `"${best}"`;
}
