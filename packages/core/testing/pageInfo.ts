import type { Page } from '../src/query/page.ts';

/** The page info of a page, once all of it is known. */
export async function pageInfoOf({ pageInfo }: Pick<Page<unknown>, 'pageInfo'>) {
  const { hasNextPage, hasPreviousPage, startCursor, endCursor } = pageInfo;
  return { hasNextPage: await hasNextPage, hasPreviousPage: await hasPreviousPage, startCursor, endCursor };
}
