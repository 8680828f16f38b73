import type { Viewer } from '../access/viewer.ts';
import type { Change } from './change.ts';

/** What is sent to subscribers knows its place in the order of all changes. */
export interface Sequenced {
  readonly seq: number;
  /** Part of a snapshot: who has got no further can't resume from here, but must begin anew. */
  readonly partial?: true;
}

/** How one subscriber starts. */
export interface FeedStart<Item extends Sequenced> {
  /** What comes before the first live item. */
  readonly first: AsyncIterable<Item>;
  /** Where a subscriber can resume that got nothing more; null while only a new beginning will do. */
  readonly place: number | null;
  /** Once `first` has been read to its end: the place after which live changes are news to this subscriber. */
  newsAfter(): number;
}

/**
 * A subscription in the form that can be shared: what live changes become is the same for everyone who subscribed to
 * the same thing, and is worked out once; how each begins (now, after a cursor, with a snapshot) is its own.
 *
 * To join the two without gap or overlap: attach to the live side, then `begin`, send what comes first, and then those
 * live items that are news.
 */
export interface Feed<Item extends Sequenced> {
  /** Whose it is: it ends when this viewer's right to it does (E6). */
  readonly viewer: Viewer;
  /** Where this subscriber asked to resume; null where it begins anew. */
  readonly start: number | null;
  /** Whether a change may mean anything to these subscribers. Cheap, and asks no database. */
  concerns(change: Change): boolean;
  /** What it means to them; asks the database only where other rows than the changed one decide. */
  itemsOf(change: Change): readonly Item[] | Promise<readonly Item[]>;
  /** @throws DomainError CURSOR_EXPIRED, now or while `first` is read, where history is no longer kept (E3). */
  begin(): Promise<FeedStart<Item>>;
  /** What tells an idle subscriber how far the log has come; null where it isn't told. */
  bookmark(seq: number): Item | null;
}

/** Both halves of a feed to which a change means one thing or nothing, as the change itself tells. */
export function ofChanges<Item extends Sequenced>(
  itemOf: (change: Change) => Item | null,
): Pick<Feed<Item>, 'concerns' | 'itemsOf'> {
  return {
    concerns: (change) => itemOf(change) !== null,
    itemsOf: (change) => {
      const item = itemOf(change);
      return item === null ? [] : [item];
    },
  };
}
