import type { Plan } from '../../../agent/login-item.ts';
import type { Machine } from '../../../agent/machine.ts';
import { carryOut } from '../../../agent/steps.ts';
import type { End } from '../../talk/events.ts';
import { answered } from '../../talk/result.ts';
import type { Line } from '../../text/line.ts';
import type { Context } from '../command.ts';
import { stepEvent, stepLines } from './step-text.ts';

/** Makes the changes of a plan one after the other, or only shows them, and tells of each. Rejects as `carryOut` does. */
export async function carryOutPlan(
  { steps, advice }: Plan,
  machine: Machine,
  { speaker }: Pick<Context, 'speaker'>,
  dryRun: boolean,
): Promise<void> {
  for (const step of steps) {
    if (!dryRun) await carryOut(step, machine.run);
    speaker.tell(stepEvent(step, !dryRun));
    speaker.page(stepLines(step, dryRun));
  }
  for (const message of advice) speaker.tell({ event: 'advice', device: null, message });
  speaker.page(advice.flatMap((message) => message.trimEnd().split('\n')).map((line): Line => [line]));
}

/** How a plan ended that was only shown. */
export const NOTHING_CHANGED = 'Nothing was changed (--dry-run).';

/** The end of a plan, said to people too. */
export function concluded({ speaker }: Pick<Context, 'speaker'>, message: string): End {
  speaker.page([[{ text: message, tone: 'strong' }]]);
  return answered(message);
}
