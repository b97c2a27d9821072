import { toneOf } from '../talk/tone-of.ts';
import type { Line, Tone } from '../text/line.ts';
import type { DeviceAttempt } from './attempts.ts';

/** An attempt in one line for people. */
export function attemptLine({ at, device, from, to, verdict, code, message }: DeviceAttempt): Line {
  const tone: Tone = verdict === null ? 'doubtful' : toneOf({ verdict });
  const why = verdict === 'applied' || verdict === 'unchanged' ? '' : ` (${code ?? 'cut off'}) ${message}`;
  return [
    { text: `${at}  `, tone: 'faint' },
    `${device}  ${from ?? 'no firmware'} -> ${to ?? 'unknown'}  `,
    { text: verdict ?? 'unknown', tone },
    why,
  ];
}
