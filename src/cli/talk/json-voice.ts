import type { Sink } from '../io/io.ts';
import { visibleJson } from '../text/clean.ts';
import type { EventOf } from './events.ts';
import type { Voice } from './speaker.ts';

/** The shortest time between two progress events of one device, in ms. */
const PROGRESS_MS = 100;

const isComplete = ({ doneBytes, totalBytes }: EventOf<'progress'>): boolean => doneBytes === totalBytes;

/** Newline-delimited JSON for programs: one event a line, the last one always `result`. */
export function createJsonVoice(sink: Sink): Voice {
  const lastProgress = new Map<string | null, number>();

  function isTooSoon(event: EventOf<'progress'>): boolean {
    const last = lastProgress.get(event.device);
    if (last !== undefined && event.elapsedMs - last < PROGRESS_MS && !isComplete(event)) return true;
    lastProgress.set(event.device, event.elapsedMs);
    return false;
  }

  return {
    tell(event) {
      if (event.event === 'progress' && isTooSoon(event)) return;
      sink.write(`${visibleJson(event)}\n`);
    },
    page: () => {},
    question: () => {},
    close: () => {},
  };
}
