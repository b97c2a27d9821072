import type { Argv } from 'yargs';
import { SpacepackError } from '../../protocol/errors.ts';
import type { Command } from '../commands/command.ts';
import { COMMANDS, commandPath, type Entry, nameOf } from '../commands/index.ts';
import { GLOBAL_OPTIONS } from '../device/options.ts';
import { suggest } from './suggest.ts';

export type Args = Readonly<Record<string, unknown>>;

/** What a command line asks for. */
export type Parsed =
  | { readonly kind: 'run'; readonly command: Command; readonly args: Args }
  /** Help, or a completion script. */
  | { readonly kind: 'show'; readonly text: string };

const USAGE = 'spacepack COMMAND [options]\n\nUpdates the firmware of a SpacePack, and proves what happened.';
const EPILOGUE = '`spacepack COMMAND --help` shows options and examples; `spacepack --version` shows the version.';

/** Told of the command that was chosen, with its arguments. */
type Choose = (command: Command, args: Args) => void;

function requireOnce(args: Args, { options }: Command): void {
  for (const [name, option] of Object.entries({ ...options, ...GLOBAL_OPTIONS })) {
    const value = args[name];
    if (Array.isArray(value) && !('array' in option)) {
      throw new SpacepackError('usage', `Expected --${name} once, found it ${value.length} times.`);
    }
    if (value === '') throw new SpacepackError('usage', `Expected a value after --${name}, found none.`);
  }
}

function declare(argv: Argv, { positionals, options, examples, epilogue }: Command): Argv {
  let declared = argv.options(options);
  for (const [name, positional] of Object.entries(positionals)) declared = declared.positional(name, positional);
  for (const [command, meaning] of examples) declared = declared.example(command, meaning);
  return declared.epilogue(epilogue ?? '');
}

function attach(argv: Argv, entries: readonly Entry[], choose: Choose): Argv {
  return entries.reduce((built, { usage, describe, ...entry }) => {
    if ('children' in entry) {
      const nested = (inner: Argv): Argv =>
        attach(inner, entry.children, choose).demandCommand(1, `Expected a command after "${usage}".`);
      return built.command(usage, describe, nested, () => {});
    }
    // yargs awaits a builder; only its types do not know.
    const builder = async (inner: Argv): Promise<Argv> => declare(inner, await entry.load());
    const handler = async (args: Args): Promise<void> => choose(await entry.load(), args);
    return built.command({ command: usage, describe, builder: builder as unknown as (inner: Argv) => Argv, handler });
  }, argv);
}

/** Faults of the command line, as yargs tells them; its own name tells them apart from faults of ours. */
class Refused extends Error {
  override readonly name = 'YError';
}

function refuse(message: string | null, thrown: Error | undefined): never {
  throw thrown ?? new Refused(message ?? 'The command line was not understood.');
}

const isRefusal = (thrown: unknown): thrown is Error => thrown instanceof Error && thrown.name === 'YError';

async function usageError({ message }: Error, argv: readonly string[]): Promise<SpacepackError> {
  const path = commandPath(argv);
  const known = ['spacepack', ...path.map(nameOf)].join(' ');
  const remedy = `See \`${known} --help\`.`;
  if (message.startsWith('Not enough non-option arguments')) {
    const usage = ['spacepack', ...path.slice(0, -1).map(nameOf), path.at(-1)?.usage].join(' ');
    return new SpacepackError('usage', `Expected \`${usage}\`, found fewer arguments.`, { remedy });
  }
  const hint = await suggest(message, argv);
  const sentence = message.endsWith('.') ? message : `${message}.`;
  return new SpacepackError('usage', hint === null ? sentence : `${sentence} Did you mean ${hint}?`, { remedy });
}

/** What a command line asks for. Nothing is printed and nothing is run. Rejects with `usage`. */
export async function parse(argv: readonly string[], columns: number): Promise<Parsed> {
  const { default: yargs } = await import('yargs');
  const chosen: { run?: Parsed } = {};
  const shown: string[] = [];
  const choose: Choose = (command, args) => {
    requireOnce(args, command);
    chosen.run = { kind: 'run', command, args };
  };
  const parser = attach(yargs().scriptName('spacepack').locale('en').usage(USAGE), COMMANDS, choose)
    .completion('completion', 'Print a completion script for bash or zsh')
    .options(GLOBAL_OPTIONS)
    .parserConfiguration({ 'boolean-negation': false, 'greedy-arrays': false, 'parse-positional-numbers': false })
    .strict()
    .demandCommand(1, 'Expected a command.')
    .epilogue(EPILOGUE)
    .version(false)
    .help()
    .wrap(columns)
    .exitProcess(false)
    .fail(refuse);
  try {
    await parser.parseAsync([...argv], {}, (_thrown: unknown, _args: unknown, output: string) => {
      if (output !== '') shown.push(output);
    });
  } catch (thrown) {
    throw isRefusal(thrown) ? await usageError(thrown, argv) : thrown;
  }
  return chosen.run ?? { kind: 'show', text: shown.join('\n') };
}
