import { SpacepackError } from '../../protocol/errors.ts';
import type { CommandContext } from '../commands/command.ts';
import type { Line } from '../text/line.ts';

/** Whether there is somebody to ask. Questions are for terminals: scripts must not wait for an answer. */
export function canAsk({ io }: Pick<CommandContext, 'io'>): boolean {
  return io.stdin.isTerminal && io.stderr.isTerminal;
}

/** Asks for a yes. Any other answer, or none, rejects with `interrupted`. */
export async function requireYes({ io, speaker, interrupts }: CommandContext, lines: readonly Line[]): Promise<void> {
  speaker.question([...lines, [{ text: 'Go on? [y/N]', tone: 'strong' }]]);
  const answer = await io.stdin.readLine(interrupts.cancel);
  if (/^\s*y(es)?\s*$/i.test(answer ?? '')) return;
  const found = answer === null ? 'no answer' : `"${answer.trim()}"`;
  throw new SpacepackError('interrupted', `Expected y or yes, found ${found}.`, {
    remedy: 'To update without being asked, use --yes.',
  });
}
