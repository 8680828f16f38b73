/** Random choices for tests: the same choices for the same seed. */
export interface Random {
  /** A number from 0 up to, but not including, 1. */
  next(): number;
  /** A whole number from 0 up to, but not including, `limit`. */
  below(limit: number): number;
  /** A number from `least` up to `most`. */
  between(least: number, most: number): number;
  /** Any of the values, of which there must be at least one. */
  one<T>(values: readonly T[]): T;
  /** About half of the values, in their order. */
  some<T>(values: readonly T[]): T[];
  /** All values, in a random order. */
  shuffle<T>(values: readonly T[]): T[];
}

/** Opens a sequence of random choices (mulberry32); the same seed gives the same sequence. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  return {
    next,
    below,
    between: (least, most) => least + next() * (most - least),
    one: <T>(values: readonly T[]): T => {
      if (values.length === 0) throw new Error('expected at least one value to choose from');
      return values[below(values.length)] as T;
    },
    some: <T>(values: readonly T[]): T[] => values.filter(() => next() < 0.5),
    shuffle: <T>(values: readonly T[]): T[] =>
      values
        .map((value) => ({ value, position: next() }))
        .sort((a, b) => a.position - b.position)
        .map(({ value }) => value),
  };
}
