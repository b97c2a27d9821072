import { SpacepackError } from '../../../protocol/errors.ts';
import type { Io } from '../../io/io.ts';

/**
 * The passphrase in an environment variable, because every process can see a command line. `undefined` if no variable
 * is named. Throws `usage` if the variable is not set.
 */
export function passphraseOf({ variables }: Pick<Io, 'variables'>, name: string | undefined): string | undefined {
  if (name === undefined) return undefined;
  const passphrase = variables[name];
  if (passphrase) return passphrase;
  throw new SpacepackError('usage', `Expected a passphrase in the environment variable ${name}, found none.`);
}
