/** Numbers that look random and are the same for the same seed. */
export interface Dice {
  /** A whole number from 0 up to but without `below`. */
  below(below: number): number;
  /** One of them; they must be some. */
  pick<T>(things: ArrayLike<T>): T;
}

/** Mulberry32, by Tommy Ettinger: small, fast, and good enough to choose what to change. */
export function createDice(seed: number): Dice {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const below = (most: number): number => Math.floor((next() / 0x1_0000_0000) * most);
  return {
    below,
    pick<T>(things: ArrayLike<T>): T {
      const thing = things[below(things.length)];
      if (thing === undefined) throw new RangeError('expected something to pick from, found nothing');
      return thing;
    },
  };
}
