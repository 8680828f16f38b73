import type { Viewer } from '../access/viewer.ts';
import type { Change } from './change.ts';
import type { Effort } from './effort.ts';

/** An item sent to subscribers; its sequence number is that of the change it stems from. */
export interface Sequenced {
  readonly seq: number;
  /** Part of a snapshot: a subscriber that received no more can't resume from here, only start anew. */
  readonly partial?: true;
}

/** The items that a change becomes for a feed's subscribers, or a function that reads them from the database. */
export type Meaning<Item extends Sequenced> = readonly Item[] | (() => Promise<readonly Item[]>);

/** One subscriber's start: the items before its first live one, and the point where live changes take over. */
export interface FeedStart<Item extends Sequenced> {
  /** Items to send before the first live item. */
  readonly initialItems: AsyncIterable<Item>;
  /** Where a subscriber that received nothing yet can resume; null if it can only start anew. */
  readonly resumeSeq: number | null;
  /** Live changes after this sequence number are new to the subscriber. Call it once `initialItems` has been read. */
  liveAfterSeq(): number;
}

/**
 * A subscription in a form that can be shared: the meaning of a live change is the same for every subscriber with the
 * same document, variables and access, and is computed once; each subscriber starts in its own way (now, after a
 * cursor, with a snapshot).
 *
 * To join both without a gap or an overlap: attach to the hub, then call `start`, send `initialItems`, and then the
 * live items after `liveAfterSeq()`.
 */
export interface Feed<Item extends Sequenced> {
  /** The feed ends when this viewer's right ends (E6). */
  readonly viewer: Viewer;
  /** Where the subscriber asked to resume; null if it starts anew. */
  readonly afterSeq: number | null;
  /** Counts the work of finding out the meanings of changes. */
  readonly effort: Effort;
  /** Whether a change may mean anything here: by its kind and domain alone, so that asking costs next to nothing. */
  concerns(change: Change): boolean;
  /** A live change's meaning; null for a change that means nothing here. Cheap: asks no database. */
  meaningOf(change: Change): Meaning<Item> | null;
  /** @throws DomainError CURSOR_EXPIRED, now or while `initialItems` is read, if history is no longer kept (E3). */
  start(): Promise<FeedStart<Item>>;
  /** An item that gives an idle subscriber the log's position; null if this feed has no bookmarks. */
  bookmark(seq: number): Item | null;
}

/** The meaning of a change that becomes one item or nothing. */
export function onlyItem<Item extends Sequenced>(item: Item | null): readonly Item[] | null {
  return item === null ? null : [item];
}

/** The items of a meaning, read from the database where they need to be. */
export function itemsOf<Item extends Sequenced>(meaning: Meaning<Item>): readonly Item[] | Promise<readonly Item[]> {
  return typeof meaning === 'function' ? meaning() : meaning;
}
