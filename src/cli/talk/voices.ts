import type { Command } from '../commands/command.ts';
import type { Io } from '../io/io.ts';
import { barFor } from '../text/unicode.ts';
import { createPeopleVoice } from './people-voice.ts';
import type { Voice } from './speaker.ts';

/** How a user wants the output. */
export interface Manner {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly noColor: boolean;
}

/** The manner that a command line asks for, even if the rest of it cannot be understood. */
export function mannerOf(argv: readonly string[]): Manner {
  const has = (...names: readonly string[]): boolean => names.some((name) => argv.includes(name));
  return { json: has('--json'), quiet: has('--quiet', '-q'), noColor: has('--no-color') };
}

function wantsColour({ stderr, stdout, variables }: Io, { json, noColor }: Manner): boolean {
  const terminals = stderr.isTerminal && (json || stdout.isTerminal);
  // https://no-color.org: any value that is not empty.
  return terminals && !noColor && !variables['NO_COLOR'] && variables['TERM'] !== 'dumb';
}

/** People always get a report. With `--json` programs get one too, and then standard output is theirs alone. */
export async function createVoices(io: Io, manner: Manner, command: Command | null): Promise<readonly Voice[]> {
  const { json, quiet } = manner;
  const answers = json ? io.stderr : io.stdout;
  const parts = command?.parts ?? null;
  const options = { answers, quiet, colour: wantsColour(io, manner), bar: barFor(io), parts };
  const people = await (command?.people ?? createPeopleVoice)(io, options);
  if (!json) return [people];
  const { createJsonVoice } = await import('./json-voice.ts');
  return [createJsonVoice(io.stdout), { ...people, page: () => {} }];
}
