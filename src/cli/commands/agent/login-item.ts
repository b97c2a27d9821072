import type { AgentComputer } from '../../../agent/agent-computer.ts';
import type { LoginItem, Plan } from '../../../agent/login-item.ts';
import { carryOut, type Step } from '../../../agent/steps.ts';
import { loginItemOf } from '../../../agent/systems.ts';
import { SpacepackError } from '../../../protocol/errors.ts';
import type { CliEvent } from '../../talk/events.ts';
import { answered, type Result } from '../../talk/result.ts';
import type { Line } from '../../text/line.ts';
import type { CommandContext } from '../command.ts';

/** The login item of this system. Rejects with `not-ready` on an unknown system. */
export async function requireLoginItem(machine: AgentComputer): Promise<LoginItem> {
  const item = await loginItemOf(machine);
  if (item !== null) return item;
  throw new SpacepackError('not-ready', `Expected Linux, macOS or Windows, found ${machine.platform}.`, {
    remedy: 'Let your system start `spacepack agent run --once` at login and daily.',
  });
}

/** A step as an event. */
function stepEvent(step: Step, done: boolean): CliEvent {
  const isRun = step.kind === 'run';
  return {
    event: 'step',
    device: null,
    step: step.kind,
    path: isRun ? null : step.path,
    content: step.kind === 'write' ? step.content : null,
    command: isRun ? [step.program, ...step.args] : null,
    done,
  };
}

/** A word quoted for a POSIX shell, so that people can copy the command. */
function shellWord(word: string): string {
  return /^[A-Za-z0-9_./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function headline(step: Step): string {
  if (step.kind === 'run') return [step.program, ...step.args].map(shellWord).join(' ');
  return step.path;
}

/** A step for people; with `whole`, including the file's content. */
function stepText(step: Step, whole: boolean): readonly Line[] {
  const lines: Line[] = [[{ text: step.kind.padEnd(7), tone: 'faint' }, headline(step)]];
  if (!whole || step.kind !== 'write') return lines;
  const content = step.content.replace(/\n$/, '').split('\n');
  return [...lines, ...content.map((line): Line => [{ text: '      | ', tone: 'faint' }, line.replaceAll('\t', '  ')])];
}

/**
 * Makes the changes of a plan one after the other, or only shows them, and reports each. Rejects as `carryOut` does.
 */
export async function carryOutPlan(
  { steps, advice }: Plan,
  machine: AgentComputer,
  { speaker }: Pick<CommandContext, 'speaker'>,
  dryRun: boolean,
): Promise<void> {
  for (const step of steps) {
    if (!dryRun) await carryOut(step, machine.run);
    speaker.tell(stepEvent(step, !dryRun));
    speaker.page(stepText(step, dryRun));
  }
  for (const message of advice) speaker.tell({ event: 'advice', device: null, message });
  speaker.page(advice.flatMap((message) => message.trimEnd().split('\n')).map((line): Line => [line]));
}

/** The answer for a plan that was only shown. */
export const NOTHING_CHANGED = 'Nothing was changed (--dry-run).';

/** An answer that is also shown to people. */
export function tellAnswer({ speaker }: Pick<CommandContext, 'speaker'>, message: string): Result {
  speaker.page([[{ text: message, tone: 'strong' }]]);
  return answered(message);
}
