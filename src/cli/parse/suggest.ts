/** The known word that is nearest to a mistyped one; `null` if none is near. */
export async function nearest(word: string, known: readonly string[]): Promise<string | null> {
  const { default: leven } = await import('leven');
  const distances = known.map((candidate) => ({ candidate, distance: leven(word, candidate) }));
  const [best] = distances.sort((a, b) => a.distance - b.distance);
  const most = Math.max(1, Math.floor(word.length / 3));
  return best !== undefined && best.distance <= most ? best.candidate : null;
}

/** What was meant by the first word that yargs says is unknown, as it is written; `null`: no known word is near. */
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
