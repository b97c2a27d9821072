import { COMMANDS, type Entry } from './commands.ts';
import { nearest } from './nearest.ts';
import { GLOBAL_OPTIONS } from './options.ts';

const nameOf = ({ usage }: Entry): string => usage.split(' ', 1)[0] ?? usage;

/** What could have stood in the place of an unknown word: commands, or options of the command that was given. */
async function knownWords(argv: readonly string[], entries: readonly Entry[] = COMMANDS): Promise<readonly string[]> {
  const [first, ...rest] = argv;
  const entry = entries.find((candidate) => nameOf(candidate) === first);
  if (entry === undefined) return entries.map(nameOf);
  if ('children' in entry) return knownWords(rest, entry.children);
  return Object.keys({ ...(await entry.load()).options, ...GLOBAL_OPTIONS });
}

/** The words that yargs says are unknown, and for the first of them what is meant most likely, as it is written; `null`: no idea. */
export async function suggest(message: string, argv: readonly string[]): Promise<string | null> {
  const word = /^Unknown (?:argument|command)s?: ([^,]+)/.exec(message)?.[1];
  if (word === undefined) return null;
  const best = await nearest(word, await knownWords(argv));
  if (best === null) return null;
  return argv.some((argument) => argument.startsWith(`--${word}`)) ? `--${best}` : `"${best}"`;
}
