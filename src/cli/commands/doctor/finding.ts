import type { FindingState } from '../../talk/events.ts';

/** One thing that the doctor checked. */
export interface Finding {
  /** One stable word: programs look for it. */
  readonly topic: string;
  /** `note`: worth knowing, but no obstacle; `broken`: an update would fail because of it. */
  readonly state: FindingState;
  readonly message: string;
  /** What to do; empty if there is nothing to do. */
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
