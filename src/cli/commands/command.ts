import type { InferredOptionTypes, Options, PositionalOptions } from 'yargs';
import type { Interrupts } from '../io/interrupts.ts';
import type { Io } from '../io/io.ts';
import type { Part } from '../talk/bar/phases.ts';
import type { PeopleOptions } from '../talk/people-voice.ts';
import type { CommandResult, Result } from '../talk/result.ts';
import type { Speaker, Voice } from '../talk/speaker.ts';

/** What a command has to work with. */
export interface CommandContext {
  readonly io: Io;
  readonly speaker: Speaker;
  readonly interrupts: Interrupts;
}

type Optionals = Readonly<Record<string, Options>>;
type Positionals = Readonly<Record<string, PositionalOptions & { readonly demandOption?: boolean }>>;
type Example = readonly [command: string, meaning: string];

interface Named {
  /** The word that calls the command. */
  readonly name: string;
  /** One line for the list of commands. */
  readonly description: string;
}

/** A command as data: how it is called, what it takes, and what it does. */
export interface Command extends Named {
  /** In the order in which they are given. */
  readonly positionals: Positionals;
  readonly options: Optionals;
  readonly examples: readonly Example[];
  /** It acts on drives, so profiles of devices matter to it. */
  readonly usesDevices?: true;
  /** The parts of its runs on devices, for the bar. */
  readonly parts?: readonly Part[];
  /** How it is shown to people, if not in the usual way. */
  readonly people?: (io: Io, options: PeopleOptions) => Promise<Voice>;
  /** The text below its help. */
  readonly epilogue?: string;
  run(args: Readonly<Record<string, unknown>>, context: CommandContext): Promise<Result | CommandResult>;
}

/** Commands that are called by the group's name and then their own. */
export interface CommandGroup extends Named {
  readonly commands: CommandIndex;
}

/** How to load each command or group by name. Only what is called is loaded, so that a command starts quickly. */
export type CommandIndex = Readonly<Record<string, () => Promise<Command | CommandGroup>>>;

interface Definition<O extends Optionals, P extends Positionals>
  extends Omit<Command, 'options' | 'positionals' | 'run'> {
  readonly options: O;
  readonly positionals: P;
  run(args: InferredOptionTypes<O> & InferredOptionTypes<P>, context: CommandContext): Promise<Result | CommandResult>;
}

/** A command whose `run` gets its arguments typed by the options that it declares. */
export function defineCommand<const O extends Optionals, const P extends Positionals>(
  definition: Definition<O, P>,
): Command {
  const { run, ...rest } = definition;
  // yargs has checked the arguments against exactly these options.
  type Args = InferredOptionTypes<O> & InferredOptionTypes<P>;
  return { ...rest, run: (args, context) => run(args as unknown as Args, context) };
}

/**
 * A command's name with its positional arguments, as yargs writes them: `verify <image>`. For a group, just its name.
 */
export function usageOf(called: Command | CommandGroup): string {
  if ('commands' in called) return called.name;
  const places = Object.entries(called.positionals).map(([name, { demandOption }]) =>
    demandOption ? `<${name}>` : `[${name}]`,
  );
  return [called.name, ...places].join(' ');
}

/**
 * The groups and the command that a command line calls, outermost first; empty if the first word is neither.
 */
export async function loadCalled(
  argv: readonly string[],
  commands: CommandIndex,
): Promise<readonly (Command | CommandGroup)[]> {
  const [first = '', ...rest] = argv;
  const load = Object.hasOwn(commands, first) ? commands[first] : undefined;
  if (load === undefined) return [];
  const called = await load();
  return [called, ...('commands' in called ? await loadCalled(rest, called.commands) : [])];
}
