/**
 * Tells one mount from the next even if the system gives both the same number: Linux uses the lowest free mount id, so
 * a volume that is unmounted and mounted again often gets its old one.
 */
export interface Generations {
  /** The id for a mount that was just seen, built from the system's own id for it. */
  seen(volume: string, systemId: string): string;
  /** The volume is not mounted, or we have just unmounted it: its next mount is a different one. */
  ended(volume: string): void;
  /** Whether `seen` would still return `id`. Changes nothing. */
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
