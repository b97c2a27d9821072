import type { Step } from '../../../agent/steps.ts';
import type { CliEvent } from '../../talk/events.ts';
import type { Line } from '../../text/line.ts';

/** A step as an event. */
export function stepEvent(step: Step, done: boolean): CliEvent {
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

/** A word as a POSIX shell would have to be given it, so that people can copy the command. */
function shellWord(word: string): string {
  return /^[A-Za-z0-9_./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function headline(step: Step): string {
  if (step.kind === 'run') return [step.program, ...step.args].map(shellWord).join(' ');
  return step.path;
}

/** A step for people; with `whole`, with all that a file would hold. */
export function stepLines(step: Step, whole: boolean): readonly Line[] {
  const lines: Line[] = [[{ text: step.kind.padEnd(7), tone: 'faint' }, headline(step)]];
  if (!whole || step.kind !== 'write') return lines;
  const content = step.content.replace(/\n$/, '').split('\n');
  return [...lines, ...content.map((line): Line => [{ text: '      | ', tone: 'faint' }, line.replaceAll('\t', '  ')])];
}
