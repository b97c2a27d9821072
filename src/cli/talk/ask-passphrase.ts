import { SpacepackError } from '../../protocol/errors.ts';
import type { CommandContext } from '../commands/command.ts';

/** Asks a person at the terminal for a passphrase, which is not shown. Rejects with `interrupted` if none is given. */
export async function askPassphrase({ io, speaker, interrupts }: CommandContext, question: string): Promise<string> {
  speaker.question([[{ text: question, tone: 'strong' }]]);
  const answer = await io.stdin.readLine(interrupts.cancel, { hidden: true });
  if (answer) return answer;
  throw new SpacepackError('interrupted', 'Expected a passphrase, found none.');
}

/** Asks for a new passphrase, twice. Rejects with `usage` if the two differ. */
export async function askNewPassphrase(context: CommandContext, question: string): Promise<string> {
  const first = await askPassphrase(context, question);
  if ((await askPassphrase(context, 'The same again:')) === first) return first;
  throw new SpacepackError('usage', 'Expected the same passphrase twice, found two different ones.');
}
