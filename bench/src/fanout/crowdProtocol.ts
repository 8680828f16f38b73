import type { Reception } from './ledger.ts';
import type { Way } from './ways.ts';

/** The argument that the process with the subscribers is started with. */
export interface CrowdSettings extends Pick<Way, 'protocol' | 'groups'> {
  readonly url: string;
  readonly subscribers: number;
  readonly eventsABatch: number;
  readonly unmeasuredBatches: number;
}

/** The bench's last order: report on this number of measured batches. */
export interface CrowdOrder {
  readonly batches: number;
}

/** The messages of the process with the subscribers. */
export type CrowdWord =
  | { readonly kind: 'subscribed' }
  /** All subscribers have every event of a batch. */
  | { readonly kind: 'received' }
  | { readonly kind: 'reception'; readonly reception: Reception }
  | { readonly kind: 'failed'; readonly message: string };
