/** The known word closest to a mistyped one; `null` if none is close. */
export async function nearest(word: string, known: readonly string[]): Promise<string | null> {
  const { default: leven } = await import('leven');
  const distances = known.map((candidate) => ({ candidate, distance: leven(word, candidate) }));
  const [best] = distances.sort((a, b) => a.distance - b.distance);
  const most = Math.max(1, Math.floor(word.length / 3));
  return best !== undefined && best.distance <= most ? best.candidate : null;
}

/**
 * The known word closest to the first one that yargs calls unknown, written as on a command line; `null`: none is
 * close.
 */
export async function suggest(
  message: string,
  argv: readonly string[],
  known: readonly string[],
): Promise<string | null> {
  const word = /^Unknown (?:argument|command)s?: ([^,]+)/.exec(message)?.[1];
  if (word === undefined) return null;
  const best = await nearest(word, known);
  if (best === null) return null;
  return argv.some((argument) => argument.startsWith(`--${word}`)) ? `--${best}` : `"${best}"`;
}
