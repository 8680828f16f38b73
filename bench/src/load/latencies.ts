import { createHistogram } from '../statistics.ts';

const perMs = 100;
const mostMs = 10_000;

/** Counts latencies in steps of 10 us; what takes more than 10 s counts as 10 s. */
export interface Latencies {
  add(ms: number): void;
  /** In milliseconds; NaN of none. */
  quantile(share: number): number;
}

export function createLatencies(): Latencies {
  const histogram = createHistogram(mostMs * perMs);
  return {
    add: (ms) => histogram.add(ms * perMs),
    quantile: (share) => histogram.quantile(share) / perMs,
  };
}
