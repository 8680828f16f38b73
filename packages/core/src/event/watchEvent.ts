import type { DomainScoped } from './domainGuard.ts';

/** The types of a watch's events, as clients see them. */
export const watchEventTypes = ['ADDED', 'MODIFIED', 'REMOVED', 'SYNCED', 'BOOKMARK'] as const;

/** One event of a watch: of a row, or of the watch itself (SYNCED, BOOKMARK). */
export interface WatchEvent<Row> extends DomainScoped {
  readonly type: (typeof watchEventTypes)[number];
  /** The row's id; null in SYNCED and BOOKMARK. */
  readonly id: string | null;
  /** The row as of this event; only in ADDED and MODIFIED. */
  readonly row: Row | null;
}
