import type { Io } from '../io/io.ts';
import type { Line } from '../text/line.ts';
import { type CliEvent, EVENTS_VERSION, type TimedEvent } from './events.ts';

/** One way to report what happens: to programs or to people. */
export interface Voice {
  tell(event: TimedEvent): void;
  /** The answer to a person's question: a table, a list. */
  page(lines: readonly Line[]): void;
  /** Shown before waiting for an answer. */
  question(lines: readonly Line[]): void;
  /** Stops timers and clears what moves on the screen. */
  close(): void;
}

/** How progress is shown while a command runs. */
export type ProgressVoice = Pick<Voice, 'tell' | 'close'>;

/** Reports to all voices. */
export interface Speaker {
  tell(event: CliEvent): void;
  /**
   * Times events by another clock from now on, in ms and without a jump: the clock of a world with virtual time.
   */
  timeBy(now: () => number): void;
  page(lines: readonly Line[]): void;
  question(lines: readonly Line[]): void;
  close(): void;
}

export function createSpeaker(io: Pick<Io, 'now'>, voices: readonly Voice[]): Speaker {
  let now = io.now;
  let startedAt = now();
  return {
    timeBy(other) {
      const elapsedMs = now() - startedAt;
      now = other;
      startedAt = now() - elapsedMs;
    },
    tell(event) {
      const elapsedMs = Math.round(now() - startedAt);
      for (const voice of voices) voice.tell({ v: EVENTS_VERSION, elapsedMs, ...event });
    },
    page(lines) {
      for (const voice of voices) voice.page(lines);
    },
    question(lines) {
      for (const voice of voices) voice.question(lines);
    },
    close() {
      for (const voice of voices) voice.close();
    },
  };
}
