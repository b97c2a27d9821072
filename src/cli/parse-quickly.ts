import type { Parsed } from './parse.ts';

const MANNERS: readonly string[] = ['--json', '--quiet', '-q', '--no-color'];

const isKnown = (words: readonly string[], known: readonly string[]): boolean =>
  words.every((word) => known.includes(word));

/** The folder after `--root`, and the words around it; `null`: there is none, or it is not said in the plainest way. */
function takeRoot(words: readonly string[]): { readonly root: string | null; readonly rest: readonly string[] } {
  const at = words.indexOf('--root');
  const root = words[at + 1];
  if (at < 0 || root === undefined || root === '' || root.startsWith('-')) return { root: null, rest: words };
  return { root, rest: words.toSpliced(at, 2) };
}

/**
 * What programs type over and over is understood before the parser of command lines is loaded, which takes longer than the answer:
 * `list`, and what a login item starts. `null`: anything else, or said in another way.
 */
export async function parseQuickly(argv: readonly string[]): Promise<Parsed | null> {
  const [name, second, ...rest] = argv;
  if (name === 'list' && isKnown(argv.slice(1), MANNERS)) {
    return { kind: 'run', command: (await import('./commands/list.ts')).list, args: {} };
  }
  if (name !== 'agent' || second !== 'run') return null;
  const { root, rest: words } = takeRoot(rest);
  if (!isKnown(words, ['--once', ...MANNERS])) return null;
  const says = (...names: readonly string[]): boolean => names.some((each) => words.includes(each));
  const manner = { json: says('--json'), quiet: says('--quiet', '-q'), 'no-color': says('--no-color') };
  const args = { once: true, ...manner, ...(root !== null && { root }) };
  return { kind: 'run', command: (await import('./commands/agent-run.ts')).agentRun, args };
}
