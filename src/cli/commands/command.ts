import type { InferredOptionTypes, Options, PositionalOptions } from 'yargs';
import type { Interrupts } from '../io/interrupts.ts';
import type { Io } from '../io.ts';
import type { Part } from '../talk/bar/phases.ts';
import type { End, Ending } from '../talk/events.ts';
import type { PeopleOptions } from '../talk/people-voice.ts';
import type { Speaker, Voice } from '../talk/speaker.ts';

/** What a command has to work with. */
export interface Context {
  readonly io: Io;
  readonly speaker: Speaker;
  readonly interrupts: Interrupts;
}

type Optionals = Readonly<Record<string, Options>>;
type Positionals = Readonly<Record<string, PositionalOptions & { readonly demandOption?: boolean }>>;
type Example = readonly [command: string, meaning: string];

/** A command as data: what it takes, and what it does. */
export interface Command {
  readonly positionals: Positionals;
  readonly options: Optionals;
  readonly examples: readonly Example[];
  /** The parts of its runs on devices, for the bar. */
  readonly parts?: readonly Part[];
  /** How people are told of it, if not in the usual way. */
  readonly people?: (io: Io, options: PeopleOptions) => Promise<Voice>;
  /** What is always said below its help. */
  readonly epilogue?: string;
  run(args: Readonly<Record<string, unknown>>, context: Context): Promise<End | Ending>;
}

interface Definition<O extends Optionals, P extends Positionals>
  extends Omit<Command, 'options' | 'positionals' | 'run'> {
  readonly options: O;
  readonly positionals: P;
  run(args: InferredOptionTypes<O> & InferredOptionTypes<P>, context: Context): Promise<End | Ending>;
}

/** A command whose `run` gets its arguments typed by the options that it declares. */
export function defineCommand<const O extends Optionals, const P extends Positionals>(
  definition: Definition<O, P>,
): Command {
  const { run, ...rest } = definition;
  // yargs has checked the arguments against these very options.
  type Args = InferredOptionTypes<O> & InferredOptionTypes<P>;
  return { ...rest, run: (args, context) => run(args as unknown as Args, context) };
}
