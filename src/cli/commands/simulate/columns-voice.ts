import { basename } from 'node:path';
import type { Phase } from '../../../protocol/machine.ts';
import type { Io } from '../../io/io.ts';
import type { TimedEvent } from '../../talk/events.ts';
import { commandResultText, type PeopleOptions } from '../../talk/people-voice.ts';
import { toneOf } from '../../talk/result-text.ts';
import type { Voice } from '../../talk/speaker.ts';
import { type Line, type Tone, writeLines } from '../../text/line.ts';
import { formatBytes } from '../../text/units.ts';
import { wrapText } from '../../text/wrap-text.ts';

type Side = 'host' | 'device';

/** Something that one side did, in words. */
interface Deed {
  readonly side: Side;
  readonly text: string;
  readonly tone: Tone;
}

const LEAST_COLUMNS = 80;
const TIME_WIDTH = 10;

/** What the host does in each phase. */
const DEEDS: Readonly<Record<Phase, string>> = {
  discover: 'Looks for the device and its mount',
  identify: 'Reads INFO.TXT: who is it, what runs, does the image fit?',
  stage: 'Writes UPDATE.BIN and makes it durable',
  commit: 'Writes the trigger UPDATE.TRG: from now on it is the device that decides',
  release: 'Unmounts the volume, so that nothing is held back',
  depart: 'Waits for the device to leave the bus',
  return: 'Waits for it to come back',
  confirm: 'Reads INFO.TXT and STATUS.TXT from the new mount: what runs, and what does it say?',
  done: '',
};

const STEPS = { write: 'is on the device', verify: 'was read back and is right' } as const;

const by = (side: Side, text: string, tone: Tone = 'plain'): Deed => ({ side, text, tone });

/** `null` for events that are shown in another form, or not at all. */
function deedOf(event: TimedEvent): Deed | null {
  switch (event.event) {
    case 'simulated':
      return by('device', event.message);
    case 'phase':
      return event.phase === 'done' ? null : by('host', DEEDS[event.phase]);
    case 'progress':
      if (event.doneBytes !== event.totalBytes) return null;
      return by('host', `All of ${formatBytes(event.totalBytes)} ${STEPS[event.step]}`);
    case 'notice':
      return by('host', event.message, 'doubtful');
    case 'image':
      return by(
        'host',
        `Checks ${basename(event.file)}: ${event.version ?? 'no version'}, signature ${event.signature}`,
      );
    case 'finished':
      return by(
        'host',
        `Verdict: ${event.code === event.verdict ? '' : `${event.code}, `}${event.verdict}`,
        toneOf(event),
      );
    default:
      return null;
  }
}

const timeOf = ({ elapsedMs }: TimedEvent): string => `${(elapsedMs / 1000).toFixed(1)} s`.padStart(TIME_WIDTH - 2);

/** The host's deeds on the left, the device's on the right. */
function besideEachOther(time: string, { side, text, tone }: Deed, columns: number): readonly Line[] {
  const width = Math.floor((columns - TIME_WIDTH - 4) / 2);
  return wrapText(text, width).map((part, row): Line => {
    const begin = { text: `${row === 0 ? time : ' '.repeat(time.length)}  `, tone: 'faint' } as const;
    const middle = { text: ' | ', tone: 'faint' } as const;
    if (side === 'host') return [begin, { text: part.padEnd(width), tone }, middle];
    return [begin, ' '.repeat(width), middle, { text: part, tone }];
  });
}

/** One below the other, for narrow terminals and for files. */
function inTurn(time: string, { side, text, tone }: Deed): readonly Line[] {
  return [[`${side.padEnd(6)} `, { text: `${time}  `, tone: 'faint' }, { text, tone }]];
}

/** Shows people what both sides of a simulated update do. */
export async function createColumnsVoice(io: Io, { answers, quiet, colour }: PeopleOptions): Promise<Voice> {
  const draw = (event: TimedEvent, deed: Deed): readonly Line[] => {
    const columns = answers.columns();
    const isWide = answers.isTerminal && columns >= LEAST_COLUMNS;
    if (isWide) head(columns - 1);
    return isWide ? besideEachOther(timeOf(event), deed, columns - 1) : inTurn(timeOf(event), deed);
  };
  const devices = new Set<string>();
  let isHeaded = false;
  const head = (columns: number): void => {
    if (isHeaded) return;
    isHeaded = true;
    const width = Math.floor((columns - TIME_WIDTH - 4) / 2);
    const line = `${' '.repeat(TIME_WIDTH)}${'THE COMPUTER'.padEnd(width)} | THE DEVICE (simulated)`;
    writeLines(answers, [[{ text: line, tone: 'strong' }]], colour);
  };
  /** With several devices each deed says whose it is. */
  const named = ({ device }: TimedEvent, deed: Deed): Deed => {
    if (device !== null) devices.add(device);
    return device !== null && devices.size > 1 ? { ...deed, text: `${device}: ${deed.text}` } : deed;
  };
  return {
    tell(event) {
      if (event.event === 'result') {
        const lines = commandResultText(event, quiet);
        const apart: readonly Line[] = devices.size > 0 && !quiet ? [[]] : [];
        writeLines(event.exit === 0 ? answers : io.stderr, [...apart, ...lines], colour);
        return;
      }
      const deed = deedOf(event);
      if (deed !== null && !quiet) writeLines(answers, draw(event, named(event, deed)), colour);
    },
    page: (lines) => writeLines(answers, lines, colour),
    question: (lines) => writeLines(io.stderr, lines, colour),
    close: () => {},
  };
}
