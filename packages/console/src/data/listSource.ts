import type { WatchEventType } from '../generated/operations.ts';
import type { Entity } from './entities.ts';
import type { RequestError } from './requestError.ts';

/** A page of a list, as the server sorted and filtered it. */
export interface ListPage {
  /** The place of the page in the order of all changes: the list is watched from there on. */
  readonly cursor: string;
  readonly ids: readonly string[];
  readonly totalCount: number;
  readonly pageInfo: PageInfo;
}

/** Whether there are further pages, and the cursors to read them. */
export interface PageInfo {
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  readonly startCursor: string | null;
  readonly endCursor: string | null;
}

/** An event of a watched list. */
export interface ListEvent {
  readonly type: WatchEventType;
  readonly cursor: string;
  /** Null in BOOKMARK. */
  readonly id: string | null;
  /** The object as of the event; null in REMOVED and BOOKMARK. */
  readonly row: Entity | null;
}

/** Listens to a watched list. */
export interface ListListener {
  event(event: ListEvent): void;
  /** The server ended it with an error. */
  failed(error: RequestError): void;
}

/** Where a list comes from: one query, and one subscription with the same filter. */
export interface ListSource {
  /** Reads the page; its rows go to the entities. */
  read(signal: AbortSignal): Promise<ListPage>;
  /** Reads rows again, wherever they are listed now; they go to the entities. Default: the list's ticks do. */
  readRows?(ids: readonly string[], signal: AbortSignal): Promise<unknown>;
  /** Counts the rows that match. */
  count(signal: AbortSignal): Promise<number>;
  /**
   * Watches the rows that match.
   *
   * @param after the last cursor seen; asked anew after a lost connection
   * @param ids only these rows, where too much happens; null for all that match
   * @returns ends it
   */
  watch(after: () => string, ids: readonly string[] | null, listener: ListListener): () => void;
}
