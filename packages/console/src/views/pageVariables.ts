import { pageSize } from '../ui/ListBar.tsx';
import type { Paging } from '../url/query.ts';

/** The arguments of a connection for a page of a list. */
export function pageVariables({ after, before }: Paging) {
  if (before !== null) return { last: pageSize, before };
  return { first: pageSize, ...(after !== null && { after }) };
}
