import type { Scope } from '../access/policy.ts';
import type { Feed, FeedStart, Sequenced } from './feed.ts';

/** What a subscriber is told of knows whose it is. */
export interface DomainScoped extends Sequenced {
  /** Null for what is nobody's: that a snapshot is complete, or how far the log has come. */
  readonly domainId: string | null;
}

/**
 * A feed that tells nothing of other tenants, whatever it was made to tell: the second line of defence for events
 * (access/tenants.ts).
 */
export function restrictToDomain<Item extends DomainScoped>(scope: Scope, feed: Feed<Item>): Feed<Item> {
  const mayTell = ({ domainId }: Item) => scope.domainId === null || domainId === null || domainId === scope.domainId;
  return {
    ...feed,
    itemsOf: (change) => {
      const items = feed.itemsOf(change);
      return Array.isArray(items) ? items.filter(mayTell) : Promise.resolve(items).then((all) => all.filter(mayTell));
    },
    begin: async () => {
      const beginning: FeedStart<Item> = await feed.begin();
      return { ...beginning, first: only(beginning.first, mayTell), newsAfter: () => beginning.newsAfter() };
    },
  };
}

async function* only<Item>(
  items: AsyncIterable<Item>,
  mayTell: (item: Item) => boolean,
): AsyncGenerator<Item, undefined> {
  for await (const item of items) if (mayTell(item)) yield item;
}
