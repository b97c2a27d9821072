import { answers } from './answers.ts';
import { cards } from './cards.ts';
import { courses } from './courses.ts';
import { hostileInfos } from './hostile.ts';
import { mishaps } from './mishaps.ts';
import { pings } from './pings.ts';
import { returns } from './returns.ts';
import type { Scenario } from './scenario.ts';

/** All named scenarios. A name occurs once. */
export const scenarios: readonly Scenario[] = [
  ...courses,
  ...answers,
  ...returns,
  ...cards,
  ...hostileInfos,
  ...mishaps,
  ...pings,
];

/** The scenario of this name; `undefined` if there is none. */
export function scenarioOf(name: string): Scenario | undefined {
  return scenarios.find((scenario) => scenario.name === name);
}
