/** The median of figures; NaN if there are none. */
export function median(figures: readonly number[]): number {
  const sorted = figures.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN;
  return (lower + upper) / 2;
}

/** A count of values. */
export interface Histogram {
  add(value: number): void;
  /** The least value that at least this share of all values doesn't exceed; NaN if there are none. */
  quantile(share: number): number;
}

/** Counts whole numbers from 0 to `max`; larger ones count as `max`. */
export function createHistogram(max: number): Histogram {
  const counts = new Uint32Array(max + 1);
  let total = 0;
  return {
    add: (value) => {
      const index = Math.min(Math.max(Math.round(value), 0), max);
      counts[index] = (counts[index] ?? 0) + 1;
      total += 1;
    },
    quantile: (share) => {
      let left = Math.max(1, Math.ceil(share * total));
      if (total === 0) return Number.NaN;
      return counts.findIndex((count) => {
        left -= count;
        return left <= 0;
      });
    },
  };
}
