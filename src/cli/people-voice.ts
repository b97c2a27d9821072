import { after, NO_PROGRESS } from './bar/model.ts';
import { createPainter, type Painter } from './bar/painter.ts';
import { PART_ORDER, PARTS, type Part } from './bar/phases.ts';
import { type BarStyle, renderProgress } from './bar/render.ts';
import { endingLines, shortEnding } from './ending.ts';
import type { Told, ToldEvent } from './events.ts';
import type { Io, Sink } from './io.ts';
import { type Line, paint } from './line.ts';
import type { Voice } from './speaker.ts';
import { formatBytes, formatDuration } from './units.ts';

export interface PeopleOptions {
  /** Where answers and good ends go. Everything else goes to the standard error. */
  readonly answers: Sink;
  readonly quiet: boolean;
  readonly colour: boolean;
  /** How a bar is drawn on this terminal; `null`: it cannot move its cursor. */
  readonly bar: BarStyle | null;
  /** The parts of the runs that will be told of; those of an update if not given. */
  readonly parts?: readonly Part[] | undefined;
}

/** How often what moves is drawn, in ms. */
const FRAME_MS = 100;

export const writeLines = (sink: Sink, lines: readonly Line[], colour: boolean): void => {
  if (lines.length > 0) sink.write(lines.map((line) => `${paint(line, colour)}\n`).join(''));
};

/** One line for a phase or a notice; `null` for what people see in another form. */
function plainLine(event: ToldEvent): Line | null {
  const whose = event.device === null ? '' : `${event.device}: `;
  const when = { text: `[${formatDuration(event.elapsedMs).padStart(5)}] `, tone: 'faint' } as const;
  switch (event.event) {
    case 'phase':
      if (event.phase === 'done') return null;
      return [when, `${whose}${PARTS[event.phase === 'stage' ? 'write' : event.phase].name}`];
    case 'notice':
      return [when, { text: `${whose}${event.message}`, tone: 'doubtful' }];
    case 'progress':
      if (event.doneBytes !== event.totalBytes) return null;
      return [when, `${whose}${PARTS[event.step].name}: ${formatBytes(event.totalBytes)}`];
    default:
      return null;
  }
}

/** What the end of a command looks like. With several devices each has lines of its own, and the sum comes last. */
export function resultLines(event: Told<'result'>, quiet: boolean): readonly Line[] {
  if (event.code === 'answered') return [];
  if (quiet) return [shortEnding(event)];
  if (event.devices.length < 2) return endingLines(event);
  return [...event.devices.flatMap(endingLines), [event.message]];
}

type Show = Pick<Voice, 'tell' | 'close'> & { readonly above: (lines: readonly Line[]) => void };

const silent: Show = { tell: () => {}, above: () => {}, close: () => {} };

function createPlainShow(sink: Sink, colour: boolean): Show {
  return {
    tell(event) {
      const line = plainLine(event);
      if (line !== null) writeLines(sink, [line], colour);
    },
    above: (lines) => writeLines(sink, lines, colour),
    close: () => {},
  };
}

/** The bar: events change it, and time moves it. */
function createBarShow(
  io: Pick<Io, 'now'>,
  painter: Painter,
  sink: Sink,
  style: BarStyle,
  parts: readonly Part[],
): Show {
  let progress = NO_PROGRESS;
  let offsetMs = 0;
  let timer: NodeJS.Timeout | null = null;
  const frame = (): void => painter.show(renderProgress(progress, io.now() - offsetMs, sink.columns() - 1, style));
  return {
    tell(event) {
      offsetMs = io.now() - event.elapsedMs;
      const line = event.event === 'notice' ? plainLine(event) : null;
      if (line !== null) painter.above([line]);
      const before = progress;
      progress = after(progress, event, parts);
      if (progress === before) return;
      timer ??= setInterval(frame, FRAME_MS).unref();
      if (event.event !== 'progress') frame();
    },
    above: (lines) => painter.above(lines),
    close() {
      if (timer !== null) clearInterval(timer);
      timer = null;
      progress = NO_PROGRESS;
      painter.clear();
    },
  };
}

/** Tells people: a bar on a terminal, plain lines elsewhere, only the end with `--quiet`. */
export function createPeopleVoice(io: Io, { answers, quiet, colour, bar, parts = PART_ORDER }: PeopleOptions): Voice {
  const { stderr } = io;
  const show = quiet
    ? silent
    : stderr.isTerminal && bar !== null
      ? createBarShow(io, createPainter(stderr, colour), stderr, bar, parts)
      : createPlainShow(stderr, colour);
  return {
    tell(event) {
      if (event.event !== 'result') return show.tell(event);
      show.close();
      writeLines(event.exit === 0 ? answers : stderr, resultLines(event, quiet), colour);
    },
    page: (lines) => writeLines(answers, lines, colour),
    question(lines) {
      show.close();
      writeLines(stderr, lines, colour);
    },
    close: () => show.close(),
  };
}
