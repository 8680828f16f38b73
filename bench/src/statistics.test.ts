import { describe, expect, it } from 'vitest';
import { createHistogram, median } from './statistics.ts';

describe('a median', () => {
  it.each([
    [[3], 3],
    [[10, 9, 100], 10],
    [[4, 1, 3, 2], 2.5],
    [[], Number.NaN],
  ])('of %j is %d', (figures, expected) => {
    expect(median(figures)).toBe(expected);
  });
});

describe('a histogram', () => {
  it('tells the least value that a share of all values stays within', () => {
    const histogram = createHistogram(1_000);
    for (let value = 1; value <= 100; value += 1) histogram.add(value);
    expect([0, 0.5, 0.99, 1].map(histogram.quantile)).toEqual([1, 50, 99, 100]);
  });

  it('counts what lies outside of it as its ends', () => {
    const histogram = createHistogram(10);
    for (const value of [-5, 11, 12_000]) histogram.add(value);
    expect([0.3, 0.5, 1].map(histogram.quantile)).toEqual([0, 10, 10]);
  });

  it('knows nothing without values', () => {
    expect(createHistogram(10).quantile(0.5)).toBeNaN();
  });
});
