import { describe, expect, it } from 'vitest';
import { createRandom, letters, pick } from './random.ts';

const first = (seed: number, count: number) => {
  const random = createRandom(seed);
  return Array.from({ length: count }, random);
};

describe('seeded random numbers', () => {
  it('are the same for the same seed, and others for another', () => {
    expect(first(7, 20)).toEqual(first(7, 20));
    expect(first(7, 20)).not.toEqual(first(8, 20));
  });

  it('are from 0 up to 1, and spread over it', () => {
    const numbers = first(1, 10_000);
    expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true);
    for (let tenth = 0; tenth < 10; tenth++) {
      const share = numbers.filter((number) => Math.floor(number * 10) === tenth).length;
      expect(share).toBeGreaterThan(900);
      expect(share).toBeLessThan(1_100);
    }
  });
});

describe('a pick', () => {
  it('is any of the items, and undefined where there is none', () => {
    expect(['a', 'b', 'c'].map((_, i) => pick(() => i / 3, ['a', 'b', 'c']))).toEqual(['a', 'b', 'c']);
    expect(pick(() => 0.999, ['a', 'b', 'c'])).toBe('c');
    expect(pick(() => 0, [])).toBeUndefined();
  });
});

describe('letters', () => {
  it('are as many as asked for, a to z', () => {
    expect(letters(() => 0, 3)).toBe('aaa');
    expect(letters(() => 0.999, 3)).toBe('zzz');
    expect(letters(createRandom(1), 15)).toMatch(/^[a-z]{15}$/);
  });
});
