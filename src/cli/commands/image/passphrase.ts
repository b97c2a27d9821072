import { SpacepackError } from '../../../protocol/errors.ts';
import { canAsk } from '../../talk/ask.ts';
import type { CommandContext } from '../command.ts';

export const passphraseOption = {
  passphrase: {
    type: 'string',
    default: 'SPACEPACK_IMAGE_PASSPHRASE',
    requiresArg: true,
    describe: "Environment variable with the private key's passphrase; on a terminal you are asked if it is not set",
  },
} as const;

/**
 * The passphrase in an environment variable, because every process can see a command line; else from the person at the
 * terminal. Rejects with `usage` if there is neither.
 */
export async function passphraseOf(
  context: CommandContext,
  name: string,
  ask: (context: CommandContext) => Promise<string>,
): Promise<string> {
  const passphrase = context.io.variables[name];
  if (passphrase) return passphrase;
  if (canAsk(context)) return ask(context);
  throw new SpacepackError('usage', `Expected a passphrase in the environment variable ${name}, found none.`);
}
