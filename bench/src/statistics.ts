/** The middle of an odd number of figures, halfway between the two middle ones of an even number; NaN of none. */
export function median(figures: readonly number[]): number {
  const sorted = figures.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN;
  return (lower + upper) / 2;
}

export interface Histogram {
  add(value: number): void;
  /** The least value that at least this share of all values doesn't exceed; NaN of none. */
  quantile(share: number): number;
}

/** Counts whole numbers, for when there are too many to keep; those beyond `most` count as `most`. */
export function createHistogram(most: number): Histogram {
  const counts = new Uint32Array(most + 1);
  let total = 0;
  return {
    add: (value) => {
      const place = Math.min(Math.max(Math.round(value), 0), most);
      counts[place] = (counts[place] ?? 0) + 1;
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
