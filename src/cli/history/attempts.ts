import { isAbout } from '../../agent/back-off.ts';
import type { JournalEntry } from '../../agent/journal-entry.ts';
import type { AttemptFacts } from '../talk/agent-events.ts';
import { toneOf } from '../talk/result-text.ts';
import type { Line, Tone } from '../text/line.ts';

/** An attempt, and the device that it was about. */
export interface DeviceAttempt extends AttemptFacts {
  readonly device: string;
}

type Began = Extract<JournalEntry, { event: 'began' }>;

function cutOff({ at, by, device, release, from, to }: Began): DeviceAttempt {
  const message = 'It began, but how it ended was not recorded.';
  return { device, at, by, release, from, to, verdict: null, code: null, message, tookMs: null };
}

/** The attempts in a journal, oldest first, including those that were cut off. */
export function attemptsIn(journal: readonly JournalEntry[]): readonly DeviceAttempt[] {
  return journal.flatMap((entry, index): readonly DeviceAttempt[] => {
    if (entry.event === 'told') return [];
    if (entry.event === 'ended') {
      const { at, by, device, release, from, to, verdict, code, message, elapsedMs } = entry;
      return [{ device, at, by, release, from, to, verdict, code, message, tookMs: elapsedMs }];
    }
    const next = journal.slice(index + 1).find((later) => later.event !== 'told' && isAbout(later, entry));
    return next?.event === 'ended' ? [] : [cutOff(entry)];
  });
}

/** An attempt in one line for people. */
export function attemptText({ at, device, from, to, verdict, code, message }: DeviceAttempt): Line {
  const tone: Tone = verdict === null ? 'doubtful' : toneOf({ verdict });
  const why = verdict === 'applied' || verdict === 'unchanged' ? '' : ` (${code ?? 'cut off'}) ${message}`;
  return [
    { text: `${at}  `, tone: 'faint' },
    `${device}  ${from ?? 'unknown firmware'} -> ${to ?? 'unknown'}  `,
    { text: verdict ?? 'unknown', tone },
    why,
  ];
}
