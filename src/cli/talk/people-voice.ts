import type { Io, Sink } from '../io/io.ts';
import { type Line, writeLines } from '../text/line.ts';
import type { BarStyle } from '../text/unicode.ts';
import type { Part } from './bar/phases.ts';
import type { EventOf } from './events.ts';
import { resultText, shortResultText } from './result-text.ts';
import type { ProgressVoice, Voice } from './speaker.ts';

export interface PeopleOptions {
  /** Where answers and good results go. Everything else goes to the standard error. */
  readonly answers: Sink;
  readonly quiet: boolean;
  readonly colour: boolean;
  /** How a bar is drawn on this terminal; `null`: the terminal cannot move its cursor. */
  readonly bar: BarStyle | null;
  /** The parts of the runs that will be reported; without any there is no progress to show. */
  readonly parts: readonly Part[] | null;
}

/** The end of a command, for people. With several devices each has its own lines, and the sum comes last. */
export function commandResultText(event: EventOf<'result'>, quiet: boolean): readonly Line[] {
  if (event.code === 'answered') return [];
  if (quiet) return [shortResultText(event)];
  if (event.devices.length < 2) return resultText(event);
  return [...event.devices.flatMap(resultText), [event.message]];
}

const SILENT: ProgressVoice = { tell: () => {}, close: () => {} };

async function createProgressVoice(io: Io, { quiet, colour, bar, parts }: PeopleOptions): Promise<ProgressVoice> {
  if (quiet) return SILENT;
  if (parts === null || bar === null || !io.stderr.isTerminal) {
    return (await import('./plain-voice.ts')).createPlainVoice(io.stderr, colour);
  }
  return (await import('./bar/bar-voice.ts')).createBarVoice(io, { colour, style: bar, parts });
}

/** Reports to people: a bar on a terminal, plain lines elsewhere, only the end with `--quiet`. */
export async function createPeopleVoice(io: Io, options: PeopleOptions): Promise<Voice> {
  const { answers, quiet, colour } = options;
  const progress = await createProgressVoice(io, options);
  return {
    tell(event) {
      if (event.event !== 'result') return progress.tell(event);
      progress.close();
      writeLines(event.exit === 0 ? answers : io.stderr, commandResultText(event, quiet), colour);
    },
    page: (lines) => writeLines(answers, lines, colour),
    question(lines) {
      progress.close();
      writeLines(io.stderr, lines, colour);
    },
    close: () => progress.close(),
  };
}
