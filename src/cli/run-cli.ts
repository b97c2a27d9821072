import { printable } from '../protocol/printable.ts';
import type { Command } from './commands/command.ts';
import { createInterrupts } from './io/interrupts.ts';
import type { Io } from './io/io.ts';
import type { Args, ParsedLine } from './parse/parse.ts';
import { parseQuickly } from './parse/parse-quickly.ts';
import { withProfiles } from './profiles/with-profiles.ts';
import { type CommandResult, resultOfThrown } from './talk/result.ts';
import { createSpeaker, type Speaker } from './talk/speaker.ts';
import { createVoices, type Manner, mannerOf } from './talk/voices.ts';

/** Help wider than this is hard to read. */
const MOST_COLUMNS = 100;

async function parseFully(argv: readonly string[], { stdout }: Io): Promise<ParsedLine> {
  const { parse } = await import('./parse/parse.ts');
  return parse(argv, Math.min(MOST_COLUMNS, stdout.columns()));
}

/** Our own bugs are printed with their stack, so that users can report them. */
export function tellStack({ stderr }: Pick<Io, 'stderr'>, thrown: unknown): void {
  const stack = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  stderr.write(
    `${stack
      .split('\n')
      .map((line) => printable(line))
      .join('\n')}\n`,
  );
}

async function carryOut(command: Command, args: Args, io: Io, speaker: Speaker): Promise<CommandResult> {
  const interrupts = createInterrupts(io, speaker);
  try {
    const own = command.usesDevices ? await withProfiles(io, args['profile']) : io;
    const done = await Promise.race([command.run(args, { io: own, speaker, interrupts }), interrupts.interrupted]);
    return { ...done, devices: 'devices' in done ? done.devices : [] };
  } finally {
    interrupts.dispose();
  }
}

async function speak(
  io: Io,
  manner: Manner,
  command: Command | null,
  work: (speaker: Speaker) => Promise<CommandResult>,
): Promise<number> {
  const speaker = createSpeaker(io, await createVoices(io, manner, command));
  let result: CommandResult;
  try {
    result = await work(speaker);
  } catch (thrown) {
    result = { ...resultOfThrown(thrown), devices: [] };
    if (result.code === 'unexpected') tellStack(io, thrown);
  }
  speaker.tell({ event: 'result', ...result });
  speaker.close();
  return result.exit;
}

/** Runs a command line and resolves with the exit status. Nothing that a user or a device does makes it reject. */
export async function runCli(argv: readonly string[], io: Io): Promise<number> {
  const manner = mannerOf(argv);
  let parsed: ParsedLine;
  try {
    parsed = (await parseQuickly(argv)) ?? (await parseFully(argv, io));
  } catch (thrown) {
    return speak(io, manner, null, () => Promise.reject(thrown));
  }
  if (parsed.kind === 'show') {
    io.stdout.write(`${parsed.text}\n`);
    return 0;
  }
  const { command, args } = parsed;
  const asked = { json: args['json'] === true, quiet: args['quiet'] === true, noColor: args['no-color'] === true };
  const wanted = Object.keys(args).length === 0 ? manner : asked;
  return speak(io, wanted, command, (speaker) => carryOut(command, args, io, speaker));
}
