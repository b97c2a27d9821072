import type { Io } from '../io/io.ts';
import type { Line } from '../text/line.ts';
import { type CliEvent, EVENTS_VERSION, type TimedEvent } from './events.ts';

/** One way of telling what happens: to programs, or to people. */
export interface Voice {
  tell(event: TimedEvent): void;
  /** The answer to a question of people: a table, a list. */
  page(lines: readonly Line[]): void;
  /** Shown before an answer is awaited. */
  question(lines: readonly Line[]): void;
  /** Stops timers and takes what moves off the screen. */
  close(): void;
}

/** How progress is shown while a command goes on. */
export type ProgressVoice = Pick<Voice, 'tell' | 'close'>;

/** Tells all voices. */
export interface Speaker {
  tell(event: CliEvent): void;
  /** From now on events are timed by another clock, in ms, going on from where they are: that of a world whose time is not ours. */
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
