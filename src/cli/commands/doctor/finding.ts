import type { FindingState } from '../../talk/events.ts';

/** One thing that the doctor looked at. */
export interface Finding {
  /** One word, stable: programs look for it. */
  readonly topic: string;
  /** `note`: worth knowing, but no obstacle; `broken`: an update would fail on it. */
  readonly state: FindingState;
  readonly message: string;
  /** What to do; empty where there is nothing to do. */
  readonly remedy: string;
}

export const good = (topic: string, message: string): Finding => ({ topic, state: 'good', message, remedy: '' });

export const note = (topic: string, message: string, remedy: string = ''): Finding => ({
  topic,
  state: 'note',
  message,
  remedy,
});

export const broken = (topic: string, message: string, remedy: string): Finding => ({
  topic,
  state: 'broken',
  message,
  remedy,
});
