import type { Options, PositionalOptions } from 'yargs';
import { type Command, loadCalled } from '../commands/command.ts';
import { COMMANDS } from '../commands/index.ts';
import { GLOBAL_OPTIONS } from './global-options.ts';
import type { Args, ParsedLine } from './parse.ts';

type Declared = Readonly<Record<string, Options | (PositionalOptions & { readonly demandOption?: boolean })>>;

/** The option that a word names in the simplest form: `--quiet`, `-q`. */
function optionNamed(word: string, options: Command['options']): string | undefined {
  const names = Object.entries(options).find(
    ([name, { alias }]) => word === `--${name}` || (alias !== undefined && word === `-${alias}`),
  );
  return names?.[0];
}

/** Whether an option's value is exactly what was typed, without conversion. */
const isPlain = ({ type, choices, normalize }: Declared[string]): boolean =>
  (type === 'string' || type === 'boolean') && choices === undefined && normalize !== true;

/** The arguments if each word is a plain name or its single value; `null` for anything else. */
function readPlainly(words: readonly string[], { positionals, options }: Command): Args | null {
  const named: Command['options'] = { ...options, ...GLOBAL_OPTIONS };
  const declared: Declared = { ...named, ...positionals };
  const places = Object.keys(positionals);
  const left = [...words];
  const args: Record<string, unknown> = {};
  for (let word = left.shift(); word !== undefined; word = left.shift()) {
    const name = word.startsWith('-') ? optionNamed(word, named) : places.shift();
    const option = name === undefined ? undefined : declared[name];
    if (name === undefined || option === undefined || !isPlain(option) || name in args) return null;
    const value = word.startsWith('-') ? (option.type === 'boolean' ? true : left.shift()) : word;
    if (value === undefined || value === '' || `${value}`.startsWith('-')) return null;
    args[name] = 'array' in option && option.array === true ? [value] : value;
  }
  const isWhole = Object.entries(declared).every(
    ([name, { demandOption, default: preset }]) => preset === undefined && (demandOption !== true || name in args),
  );
  return isWhole ? args : null;
}

/**
 * Parses the forms that people and programs type all the time, without yargs, which takes a third of the time until a
 * command starts. `null` for everything else: help, mistakes and other spellings.
 */
export async function parseQuickly(argv: readonly string[]): Promise<ParsedLine | null> {
  const called = await loadCalled(argv, COMMANDS);
  const command = called.at(-1);
  if (command === undefined || 'commands' in command) return null;
  const args = readPlainly(argv.slice(called.length), command);
  return args === null ? null : { kind: 'run', command, args };
}
