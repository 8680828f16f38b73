import type { Reception } from './ledger.ts';
import type { Way } from './ways.ts';

/** What the process with the subscribers is told when it starts. */
export interface CrowdSettings extends Pick<Way, 'protocol' | 'groups'> {
  readonly url: string;
  readonly subscribers: number;
  readonly eventsABatch: number;
  readonly unmeasuredBatches: number;
}

/** What it is told later on: that so many measured batches were all, and to say what came of them. */
export interface CrowdOrder {
  readonly batches: number;
}

/** What it says. */
export type CrowdWord =
  | { readonly kind: 'subscribed' }
  /** Everybody has a batch's every event. */
  | { readonly kind: 'received' }
  | { readonly kind: 'reception'; readonly reception: Reception }
  | { readonly kind: 'failed'; readonly message: string };
