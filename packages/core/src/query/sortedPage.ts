import { badUserInput } from '../base/errors.ts';
import type { Limits } from '../base/settings.ts';
import { type PageArguments, readPageRequest } from './keyset.ts';
import type { Page } from './page.ts';
import { pageInfoSources } from './pageInfo.ts';

/** The place of an item in its order: numbers and texts, the most important first. No two items have the same. */
export type SortKey = readonly (number | string)[];

/**
 * One page of items that are at hand, in the order of their keys.
 *
 * @throws DomainError BAD_USER_INPUT for arguments or a cursor that don't fit the list
 */
export function sortedPage<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => SortKey,
  page: PageArguments,
  limits: Limits,
): Page<Item> {
  const { limit, backward, cursor } = readPageRequest(page, limits);
  const sign = backward ? -1 : 1;
  const keyed = items.map((node) => ({ node, key: keyOf(node) }));
  keyed.sort((a, b) => sign * compareKeys(a.key, b.key));
  const place = cursor === null ? null : keyOfCursor(cursor, backward ? 'before' : 'after');
  const ahead = place === null ? keyed : keyed.filter(({ key }) => sign * compareKeys(key, place) > 0);
  const edges = ahead.slice(0, limit).map(({ node, key }) => ({ cursor: cursorOfKey(key), node }));
  const known = {
    isMoreAhead: ahead.length > limit,
    isAnyBehind: ahead.length < keyed.length,
    firstCursor: edges[0]?.cursor ?? null,
    lastCursor: edges.at(-1)?.cursor ?? null,
  };
  const { hasNextPage, hasPreviousPage, startCursor, endCursor } = pageInfoSources[backward ? 'backward' : 'forward'];
  return {
    edges: backward ? edges.reverse() : edges,
    pageInfo: {
      hasNextPage: known[hasNextPage],
      hasPreviousPage: known[hasPreviousPage],
      startCursor: known[startCursor],
      endCursor: known[endCursor],
    },
    totalCount: async () => items.length,
  };
}

function compareKeys(a: SortKey, b: SortKey): number {
  for (const [i, part] of a.entries()) {
    const other = b[i] ?? 0;
    if (part !== other) return part < other ? -1 : 1;
  }
  return 0;
}

const cursorOfKey = (key: SortKey) => Buffer.from(JSON.stringify(key)).toString('base64url');

function keyOfCursor(cursor: string, argument: string): SortKey {
  let key: unknown;
  try {
    key = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    key = null;
  }
  if (Array.isArray(key) && key.every((part) => typeof part === 'number' || typeof part === 'string')) return key;
  throw badUserInput([argument], 'expected a cursor of this list; got another text');
}
