import type { Sink } from '../io/io.ts';
import { type Line, writeLines } from '../text/line.ts';
import { formatBytes, formatDuration } from '../text/units.ts';
import { PARTS } from './bar/phases.ts';
import type { TimedEvent } from './events.ts';
import type { ProgressVoice } from './speaker.ts';

/** One line for an event; `null` for events that people see in another form. */
export function eventText(event: TimedEvent): Line | null {
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

/** One line per event, without control characters: for files, pipes and simple terminals. */
export function createPlainVoice(sink: Sink, colour: boolean): ProgressVoice {
  return {
    tell(event) {
      const line = eventText(event);
      if (line !== null) writeLines(sink, [line], colour);
    },
    close: () => {},
  };
}
