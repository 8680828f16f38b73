/** The bench's order to the process that makes the load. */
export interface LoadOrder {
  /** Share of the reports with a change, from 0 to 1. */
  readonly changedShare: number;
  /** Duration of the load. */
  readonly ms: number;
}

/** The result of an order, once every request is answered. */
export interface LoadResult {
  readonly requests: number;
  /** From the first request until the last answer. */
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly errors: number;
  readonly firstError?: string;
}

/** The messages of the process that makes the load. */
export type LoadWord =
  | { readonly kind: 'ready' }
  | { readonly kind: 'done'; readonly result: LoadResult }
  | { readonly kind: 'failed'; readonly message: string };
