/** The word that is meant, most likely, by a word that is none of them; `null` if none is near. */
export async function nearest(word: string, known: readonly string[]): Promise<string | null> {
  const { default: leven } = await import('leven');
  const distances = known.map((candidate) => ({ candidate, distance: leven(word, candidate) }));
  const [best] = distances.sort((a, b) => a.distance - b.distance);
  const most = Math.max(1, Math.floor(word.length / 3));
  return best !== undefined && best.distance <= most ? best.candidate : null;
}
