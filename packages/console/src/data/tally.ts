import type { ListEvent } from './listSource.ts';

/** The rows that came and went since the page was read (K4). */
export interface ListNews {
  /** The number of rows that match now, and aren't shown. */
  readonly added: number;
  /** The shown rows that no longer match. */
  readonly gone: ReadonlySet<string>;
  /** The number of rows that match now. */
  readonly totalCount: number;
}

/** Keeps count of the rows that came and went. */
export interface Tally {
  /** Begins anew, with a page that was read. */
  begin(shown: readonly string[], totalCount: number): void;
  /** Takes another count, as of now. */
  recount(totalCount: number): void;
  take(event: ListEvent): void;
  /** Whether an object is on the page. */
  shows(id: string): boolean;
  news(): ListNews;
}

export function createTally(): Tally {
  let shown = new Set<string>();
  let added = new Set<string>();
  let left = new Set<string>();
  let counted = 0;
  // The same as before while nothing has come or gone, so that nothing is drawn anew.
  let latest: ListNews | null = null;
  return {
    begin: (ids, totalCount) => {
      shown = new Set(ids);
      added = new Set();
      left = new Set();
      counted = totalCount;
      latest = null;
    },
    recount: (totalCount) => {
      // So that those which came and went until now are not counted twice.
      counted = totalCount - added.size + left.size;
      latest = null;
    },
    take: ({ type, id }) => {
      if (id === null) return;
      const before = added.size + left.size;
      if (type === 'REMOVED') {
        if (!added.delete(id)) left.add(id);
      } else if (shown.has(id)) left.delete(id);
      else if (type === 'ADDED' && !left.delete(id)) added.add(id);
      if (added.size + left.size !== before) latest = null;
    },
    shows: (id) => shown.has(id),
    news: () => {
      latest ??= {
        added: added.size,
        gone: left.intersection(shown),
        totalCount: Math.max(0, counted + added.size - left.size),
      };
      return latest;
    },
  };
}
