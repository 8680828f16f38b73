import type { Tenant } from './attack.ts';

/** The work of the innocent tenant. */
export const operationNames = ['get', 'list', 'publish'] as const;

/** The name of a kind of work of the innocent tenant. */
export type OperationName = (typeof operationNames)[number];

/** The argument that the innocent tenant's process is started with. */
export interface InnocentSettings {
  readonly origin: string;
  readonly tenant: Tenant;
  /** Number of gets and of publishes a second, each; of lists a half. */
  readonly rate: number;
}

/** An order to the innocent tenant's process, which works all the time. */
export type InnocentOrder =
  /** Forgets the figures so far. */
  | 'begin'
  /** Sends the figures since `begin`. */
  | 'report';

/** The figures of one kind of work. */
interface OperationFigures {
  /** Number of requests that were due. */
  readonly requests: number;
  /** From the scheduled time to the end of the answer; requests without an answer count as long as they waited. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** The error codes and failures, and how often each came. */
  readonly errors: Readonly<Record<string, number>>;
}

/** The figures of the innocent tenant. */
export type InnocentFigures = Readonly<Record<OperationName, OperationFigures>>;

/** A message of the innocent tenant's process. */
export type InnocentWord =
  | { readonly kind: 'ready' }
  | { readonly kind: 'begun' }
  | { readonly kind: 'figures'; readonly figures: InnocentFigures };
