/**
 * Tells one mount from the next where the system gives both the same number: Linux hands out the lowest mount id that is free,
 * so a volume that was unmounted and mounted again often has its old one.
 */
export interface Generations {
  /** The id for a mount that was just seen, made of the system's own id for it. */
  seen(volume: string, systemId: string): string;
  /** The volume is not mounted, or we have just unmounted it: its next mount is another one. */
  ended(volume: string): void;
  /** Whether `id` is still what `seen` would answer. Changes nothing. */
  isCurrent(volume: string, systemId: string, id: string): boolean;
}

export function createGenerations(): Generations {
  const last = new Map<string, { systemId: string | null; generation: number }>();

  const generationOf = (volume: string, systemId: string): number => {
    const known = last.get(volume);
    if (known === undefined) return 0;
    return known.systemId === systemId ? known.generation : known.generation + 1;
  };
  const idOf = (volume: string, systemId: string): string => `${systemId}#${generationOf(volume, systemId)}`;

  return {
    seen(volume, systemId) {
      const id = idOf(volume, systemId);
      last.set(volume, { systemId, generation: generationOf(volume, systemId) });
      return id;
    },
    ended(volume) {
      const known = last.get(volume);
      if (known !== undefined) last.set(volume, { ...known, systemId: null });
    },
    isCurrent: (volume, systemId, id) => idOf(volume, systemId) === id,
  };
}
