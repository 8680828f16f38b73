/** What a process that makes the load is told: to make it for so long. */
export interface LoadOrder {
  /** How many of the reports say something new, from 0 to 1. */
  readonly changedShare: number;
  readonly ms: number;
}

/** What came of it, once every request is answered. */
export interface LoadResult {
  readonly requests: number;
  /** From the first request until the last answer. */
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly errors: number;
  readonly firstError?: string;
}

/** What it says. */
export type LoadWord =
  | { readonly kind: 'ready' }
  | { readonly kind: 'done'; readonly result: LoadResult }
  | { readonly kind: 'failed'; readonly message: string };
