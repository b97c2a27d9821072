import { SpacepackError } from '../../../protocol/errors.ts';
import type { Io } from '../../io/io.ts';

/**
 * A passphrase from the environment variable of that name: a command line can be seen by every process. `undefined` if no variable
 * is named. Throws `usage` if it is not set.
 */
export function passphraseOf({ variables }: Pick<Io, 'variables'>, name: string | undefined): string | undefined {
  if (name === undefined) return undefined;
  const passphrase = variables[name];
  if (passphrase) return passphrase;
  throw new SpacepackError('usage', `Expected a passphrase in the environment variable ${name}, found none.`);
}
