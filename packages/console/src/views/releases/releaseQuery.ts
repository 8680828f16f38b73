import type { ReleaseFilter, ReleaseOrder, ReleaseOrderField } from '../../generated/operations.ts';
import { oneOf, paging, type QueryOf, sortedBy, text } from '../../url/query.ts';
import { containing } from '../filterParts.ts';

const columns = {
  plugin: 'PLUGIN_ID',
  version: 'VERSION',
  published: 'CREATED_AT',
} as const satisfies Readonly<Record<string, ReleaseOrderField>>;

/** Whether a release may be placed. */
const releaseStateNames = ['current', 'retired'] as const;

/** For whom a release is. */
const releaseReachNames = ['domain', 'public'] as const;

/** The state of the list of releases that its URL has. */
export const releaseParts = {
  q: text,
  plugin: text,
  domain: text,
  state: oneOf(releaseStateNames),
  reach: oneOf(releaseReachNames),
  sort: sortedBy(['plugin', 'version', 'published'], { column: 'published', descends: true }),
  page: paging,
};

export type ReleaseQuery = QueryOf<typeof releaseParts>;

/** The filter that a URL stands for. */
export function releaseFilter({ q, plugin, domain, state, reach }: ReleaseQuery): ReleaseFilter {
  return {
    ...(q !== '' && { or: [{ pluginId: containing(q) }, { version: containing(q) }, { id: { eq: q } }] }),
    ...(plugin !== '' && { pluginId: { eq: plugin } }),
    ...(domain !== '' && { domainId: { eq: domain } }),
    ...(state !== null && { retiredAt: { isNull: state === 'current' } }),
    ...(reach !== null && { isPublic: { eq: reach === 'public' } }),
  };
}

/** By the plugin, its versions stand in their order (M5). */
export function releaseOrder({ sort }: ReleaseQuery): ReleaseOrder[] {
  const direction = sort.descends ? 'DESC' : 'ASC';
  const orders: ReleaseOrder[] = [{ field: columns[sort.column], direction }];
  if (sort.column === 'plugin') orders.push({ field: 'VERSION', direction: 'DESC' });
  return orders;
}
