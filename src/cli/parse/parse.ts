import type { Argv, Options } from 'yargs';
import { SpacepackError } from '../../protocol/errors.ts';
import { withoutCredentials } from '../../protocol/printable.ts';
import { type Command, type CommandGroup, type CommandIndex, loadCalled, usageOf } from '../commands/command.ts';
import { COMMANDS } from '../commands/index.ts';
import { GLOBAL_OPTIONS } from './global-options.ts';
import { suggest } from './suggest.ts';

export type Args = Readonly<Record<string, unknown>>;

/** What a command line asks for. */
export type ParsedLine =
  | { readonly kind: 'run'; readonly command: Command; readonly args: Args }
  /** Help, or a completion script. */
  | { readonly kind: 'show'; readonly text: string };

const USAGE = 'spacepack COMMAND [options]\n\nUpdates the firmware of USB storage devices, and proves what happened.';
const EPILOGUE = '`spacepack COMMAND --help` shows options and examples; `spacepack --version` shows the version.';

/** Called with the chosen command and its arguments. */
type Choose = (command: Command, args: Args) => void;

function requireOnce(args: Args, { options }: Command): void {
  for (const [name, option] of Object.entries<Options>({ ...options, ...GLOBAL_OPTIONS })) {
    const value = args[name];
    if (Array.isArray(value) && !('array' in option)) {
      throw new SpacepackError('usage', `Expected --${name} once, found it ${value.length} times.`);
    }
    if (value === '' && option.requiresArg !== false)
      throw new SpacepackError('usage', `Expected a value after --${name}, found none.`);
  }
}

function declareOptions(argv: Argv, { positionals, options, examples, epilogue }: Command): Argv {
  let declared = argv.options(options);
  for (const [name, positional] of Object.entries(positionals)) declared = declared.positional(name, positional);
  for (const [command, meaning] of examples) declared = declared.example(command, meaning);
  return declared.epilogue(epilogue ?? '');
}

type Called = readonly (Command | CommandGroup)[];

/** Declares the called command, or all commands if none is called: commands that are not called need not be loaded. */
async function declare(argv: Argv, commands: CommandIndex, [called, ...inner]: Called, choose: Choose): Promise<Argv> {
  const all = called === undefined ? await Promise.all(Object.values(commands).map((load) => load())) : [called];
  return all.reduce((built, each) => {
    const command = usageOf(each);
    const { description: describe } = each;
    if ('commands' in each) {
      const group = async (within: Argv): Promise<Argv> =>
        (await declare(within, each.commands, inner, choose)).demandCommand(
          1,
          `Expected a command after "${each.name}".`,
        );
      return built.command({ command, describe, builder: asBuilder(group), handler: () => {} });
    }
    const handler = (args: Args): void => choose(each, args);
    return built.command({ command, describe, builder: (within) => declareOptions(within, each), handler });
  }, argv);
}

/** yargs awaits a builder, but its types do not say so. */
const asBuilder = (builder: (argv: Argv) => Promise<Argv>): ((argv: Argv) => Argv) =>
  builder as unknown as (argv: Argv) => Argv;

/** A mistake in the command line, as yargs reports it. The name tells it apart from our own bugs. */
class Refused extends Error {
  override readonly name = 'YError';
}

function refuse(message: string | null, thrown: Error | undefined): never {
  throw thrown ?? new Refused(message ?? 'The command line was not understood.');
}

const isRefusal = (thrown: unknown): thrown is Error => thrown instanceof Error && thrown.name === 'YError';

/** The words that an unknown one could have been: commands, or options of the called command. */
function knownWords(called: Called): readonly string[] {
  const last = called.at(-1);
  if (last === undefined || 'commands' in last) return Object.keys(last?.commands ?? COMMANDS);
  return Object.keys({ ...last.options, ...GLOBAL_OPTIONS });
}

async function usageError({ message }: Error, argv: readonly string[], called: Called): Promise<SpacepackError> {
  const known = ['spacepack', ...called.map(({ name }) => name)].join(' ');
  const remedy = `See \`${known} --help\`.`;
  if (message.startsWith('Not enough non-option arguments')) {
    const usage = ['spacepack', ...called.map(usageOf)].join(' ');
    return new SpacepackError('usage', `Expected \`${usage}\`, found fewer arguments.`, { remedy });
  }
  const hint = await suggest(message, argv, knownWords(called));
  const said = withoutCredentials(message);
  const sentence = said.endsWith('.') ? said : `${said}.`;
  return new SpacepackError('usage', hint === null ? sentence : `${sentence} Did you mean ${hint}?`, { remedy });
}

/** Parses a command line. Prints nothing and runs nothing. Rejects with `usage`. */
export async function parse(argv: readonly string[], columns: number): Promise<ParsedLine> {
  const { default: yargs } = await import('yargs');
  const chosen: { run?: ParsedLine } = {};
  const shown: string[] = [];
  const choose: Choose = (command, args) => {
    requireOnce(args, command);
    chosen.run = { kind: 'run', command, args };
  };
  const called = await loadCalled(argv, COMMANDS);
  const program = yargs().scriptName('spacepack').locale('en').usage(USAGE);
  const parser = (await declare(program, COMMANDS, called, choose))
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
    throw isRefusal(thrown) ? await usageError(thrown, argv, called) : thrown;
  }
  return chosen.run ?? { kind: 'show', text: shown.join('\n') };
}
