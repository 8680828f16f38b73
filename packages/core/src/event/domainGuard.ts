import type { Scope } from '../access/policy.ts';
import type { Feed, Sequenced } from './feed.ts';

/** An item that names the domain it belongs to. */
export interface DomainScoped extends Sequenced {
  /** Null for an item that belongs to no domain: SYNCED and bookmarks. */
  readonly domainId: string | null;
}

/**
 * The same feed without the items of other domains, whatever it was written to send: the second line of defence for
 * events (see access/tenants.ts).
 */
export function restrictToDomain<Item extends DomainScoped>(scope: Scope, feed: Feed<Item>): Feed<Item> {
  const isAllowed = ({ domainId }: Item) => scope.domainId === null || domainId === null || domainId === scope.domainId;
  return {
    ...feed,
    meaningOf: (change) => {
      const meaning = feed.meaningOf(change);
      if (meaning === null) return null;
      return typeof meaning === 'function'
        ? async () => (await meaning()).filter(isAllowed)
        : meaning.filter(isAllowed);
    },
    start: async () => {
      const start = await feed.start();
      return {
        initialItems: filtered(start.initialItems, isAllowed),
        resumeSeq: start.resumeSeq,
        liveAfterSeq: () => start.liveAfterSeq(),
      };
    },
  };
}

async function* filtered<Item>(
  items: AsyncIterable<Item>,
  isAllowed: (item: Item) => boolean,
): AsyncGenerator<Item, undefined> {
  for await (const item of items) if (isAllowed(item)) yield item;
}
