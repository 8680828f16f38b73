/** Choices that are the same for the same seed. */
export interface Random {
  /** A whole number from 0 up to `limit`. */
  below(limit: number): number;
  one<T>(values: readonly T[]): T;
  /** About half of them. */
  some<T>(values: readonly T[]): T[];
}

/** Mulberry32: the same numbers from the same seed. */
export function createRandom(seed: number): Random {
  let state = seed;
  const number = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (limit: number) => Math.floor(number() * limit);
  const one = <T>(values: readonly T[]): T => values[below(values.length)] as T;
  return { below, one, some: <T>(values: readonly T[]): T[] => values.filter(() => number() < 0.5) };
}
