import { createHistogram } from '../statistics.ts';

const perMs = 100;
const maxMs = 10_000;

/** Counts latencies in steps of 10 us; longer ones than 10 s count as 10 s. */
export interface Latencies {
  add(ms: number): void;
  /** The quantile for a share from 0 to 1, in milliseconds; NaN if nothing was counted. */
  quantile(share: number): number;
}

/** Creates an empty count. */
export function createLatencies(): Latencies {
  const histogram = createHistogram(maxMs * perMs);
  return {
    add: (ms) => histogram.add(ms * perMs),
    quantile: (share) => histogram.quantile(share) / perMs,
  };
}
