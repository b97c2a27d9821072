import { SpacepackError } from '../protocol/errors.ts';

export const LEAST_PASSPHRASE = 12;
/** Of its characters that are no repetition. */
const LEAST_VARIED = 9;

/** How many characters are neither the one before, nor beside it in the alphabet, nor after the same one again. */
function varied(passphrase: string): number {
  const pairs = [...passphrase].slice(1).map((after, index) => `${passphrase[index]}${after}`);
  const isRow = (pair: string): boolean => Math.abs(pair.charCodeAt(0) - pair.charCodeAt(1)) <= 1;
  return 1 + new Set(pairs.filter((pair) => !isRow(pair))).size;
}

/**
 * Throws `key-unusable` for a passphrase that is too short, or that repeats itself or counts up. It cannot find words
 * that are easy to guess.
 */
export function requireStrong(passphrase: string): void {
  const [expected, found] =
    passphrase.length < LEAST_PASSPHRASE
      ? [`at least ${LEAST_PASSPHRASE} characters`, `${passphrase.length}`]
      : [`at least ${LEAST_VARIED} characters that are no repetition`, `${varied(passphrase)}`];
  if (passphrase.length >= LEAST_PASSPHRASE && varied(passphrase) >= LEAST_VARIED) return;
  throw new SpacepackError('key-unusable', `Expected a passphrase of ${expected}, found ${found}.`, {
    remedy: 'Choose a longer passphrase: six random words are good.',
  });
}
