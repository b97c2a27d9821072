/** Chance from a number: the same seed gives the same story on any machine. */
export interface Chance {
  /** From 0 to below 1. */
  next(): number;
  /** A whole number from `least` to `most`, both included. */
  number(least: number, most: number): number;
  /** Whether something happens that does so `probability` of all times. */
  happens(probability: number): boolean;
  pick<T>(from: readonly T[]): T;
  /** Between `least` and `most` things, each made anew. */
  some<T>(least: number, most: number, make: () => T): readonly T[];
}

/** Mulberry32, by Tommy Ettinger: 32 bits of state, good enough for stories, and fast. */
export function chanceOf(seed: number): Chance {
  let state = (seed * 0x9e3779b1) | 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  const number = (least: number, most: number): number => least + Math.floor(next() * (most - least + 1));
  return {
    next,
    number,
    happens: (probability) => next() < probability,
    pick(from) {
      const picked = from[number(0, from.length - 1)];
      if (picked === undefined) throw new TypeError('there is nothing to pick from');
      return picked;
    },
    some: (least, most, make) => Array.from({ length: number(least, most) }, make),
  };
}
