import type { CardContent } from '../cards/content.ts';
import type { Firmware } from './firmware.ts';
import type { Step, TroubleAt } from './work.ts';

/** Something that goes wrong with a device, as data. */
export interface Trouble {
  readonly at: Step;
  /** Which times the step is reached, from 1, counted from the day the device was built; default: every time. */
  readonly visits?: readonly number[];
  /** What the step makes of it; default: it goes on as if nothing had happened. */
  readonly outcome?: 'fail' | 'hang' | 'lose-power';
  /** Done when the step begins, before its outcome. */
  readonly does?: (victim: Victim) => void;
}

/** What trouble can reach. */
export interface Victim {
  readonly firmware: Firmware;
  readonly card: CardContent;
  /** Calls back once, after `ms` of the world's time. */
  later(ms: number, action: () => void): void;
  /** The host's next mount of this volume gets another name than the last one. */
  leaveMountFolder(): void;
}

/** The firmware's question about trouble, answered from a list. The first fitting entry that has an outcome decides it. */
export function troubleFrom(troubles: readonly Trouble[], victim: () => Victim): TroubleAt {
  const visits = new Map<Step, number>();
  return (step) => {
    const visit = (visits.get(step) ?? 0) + 1;
    visits.set(step, visit);
    const due = troubles.filter(({ at, visits: on }) => at === step && (on === undefined || on.includes(visit)));
    for (const { does } of due) does?.(victim());
    return due.find(({ outcome }) => outcome !== undefined)?.outcome ?? null;
  };
}
