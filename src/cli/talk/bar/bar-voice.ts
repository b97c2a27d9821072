import type { Io } from '../../io/io.ts';
import type { BarStyle } from '../../text/unicode.ts';
import { eventText } from '../plain-voice.ts';
import type { ProgressVoice } from '../speaker.ts';
import { after, NO_PROGRESS } from './model.ts';
import { createPainter } from './painter.ts';
import type { Part } from './phases.ts';
import { renderProgress } from './render.ts';

/** The time between two frames, in ms. */
const FRAME_MS = 100;

interface BarOptions {
  readonly colour: boolean;
  readonly style: BarStyle;
  readonly parts: readonly Part[];
}

/** One line per device at the bottom of the terminal, updated by events and by time. */
export function createBarVoice(
  { now, stderr }: Pick<Io, 'now' | 'stderr'>,
  { colour, style, parts }: BarOptions,
): ProgressVoice {
  const painter = createPainter(stderr, colour);
  let progress = NO_PROGRESS;
  let offsetMs = 0;
  let timer: NodeJS.Timeout | null = null;
  // One column stays free: some terminals wrap as soon as the last column is written.
  const frame = (): void => painter.show(renderProgress(progress, now() - offsetMs, stderr.columns() - 1, style));
  return {
    tell(event) {
      offsetMs = now() - event.elapsedMs;
      const line = event.event === 'notice' ? eventText(event) : null;
      if (line !== null) painter.above([line]);
      const before = progress;
      progress = after(progress, event, parts);
      if (progress === before) return;
      timer ??= setInterval(frame, FRAME_MS).unref();
      if (event.event !== 'progress') frame();
    },
    close() {
      if (timer !== null) clearInterval(timer);
      timer = null;
      progress = NO_PROGRESS;
      painter.clear();
    },
  };
}
