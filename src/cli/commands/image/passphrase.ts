import { SpacepackError } from '../../../protocol/errors.ts';
import { canAsk } from '../../talk/ask.ts';
import type { CommandContext } from '../command.ts';

const USUAL_VARIABLE = 'SPACEPACK_IMAGE_PASSPHRASE';

export const passphraseOption = {
  passphrase: {
    type: 'string',
    requiresArg: true,
    describe:
      'Environment variable with the passphrase (default: SPACEPACK_IMAGE_PASSPHRASE); if not set, a terminal is asked',
  },
} as const;

/**
 * The passphrase in an environment variable (`given`, or the usual one), because every process can see a command line;
 * else from the person at the terminal. Rejects with `usage` if there is neither.
 */
export async function passphraseOf(
  context: CommandContext,
  given: string | undefined,
  ask: (context: CommandContext) => Promise<string>,
): Promise<string> {
  const name = given ?? USUAL_VARIABLE;
  const passphrase = context.io.variables[name];
  if (passphrase) return passphrase;
  if (canAsk(context)) return ask(context);
  throw new SpacepackError('usage', `Expected a passphrase in the environment variable ${name}, found none.`);
}
