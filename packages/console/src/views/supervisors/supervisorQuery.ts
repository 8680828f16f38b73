import type { SupervisorFilter, SupervisorOrder, SupervisorOrderField } from '../../generated/operations.ts';
import { oneOf, paging, type QueryOf, someOf, sortedBy, text, texts, yesOrNo } from '../../url/query.ts';
import { containing, labelsOf } from '../filterParts.ts';

const columns = {
  name: 'NAME',
  hostname: 'HOSTNAME',
  state: 'STATE',
  priority: 'PRIORITY',
  created: 'CREATED_AT',
  updated: 'UPDATED_AT',
} as const satisfies Readonly<Record<string, SupervisorOrderField>>;

/** The states that a supervisor can have. */
export const supervisorStateNames = ['ENABLED', 'PENDING', 'DISABLED', 'DISCONNECTED'] as const;

/** The conditions that a supervisor can carry. */
export const supervisorConditionNames = ['LEASE_EXPIRED', 'DUPLICATE_AGENT', 'IDENTITY_REFUSED', 'FLAPPING'] as const;

/** The state of the list of supervisors that its URL has. */
export const supervisorParts = {
  q: text,
  state: someOf(supervisorStateNames),
  condition: someOf(supervisorConditionNames),
  label: texts,
  domain: text,
  connected: yesOrNo,
  cordoned: yesOrNo,
  drain: oneOf(['QUEUED', 'DRAINING', 'DRAINED', 'EXPIRED']),
  plugin: text,
  sort: sortedBy(['name', 'hostname', 'state', 'priority', 'created', 'updated'], { column: 'name', descends: false }),
  page: paging,
};

export type SupervisorQuery = QueryOf<typeof supervisorParts>;

/** The filter that a URL stands for: the same for the list, what is watched, an export and a bulk change (K5). */
export function supervisorFilter(query: SupervisorQuery): SupervisorFilter {
  const { q, state, condition, label, domain, connected, cordoned, drain, plugin } = query;
  return {
    ...(q !== '' && { or: [{ name: containing(q) }, { hostname: containing(q) }, { id: { eq: q } }] }),
    ...(state.length > 0 && { state: { in: state } }),
    ...(condition.length > 0 && { conditions: { hasSome: condition } }),
    ...labelsOf(label),
    ...(domain !== '' && { domainId: { eq: domain } }),
    ...(connected !== null && { connected: { eq: connected } }),
    ...(cordoned !== null && { cordoned: { eq: cordoned } }),
    ...(drain !== null && { drain: { eq: drain } }),
    ...(plugin !== '' && { plugins: { some: { pluginId: { eq: plugin } } } }),
  };
}

export function supervisorOrder({ sort }: SupervisorQuery): SupervisorOrder[] {
  return [{ field: columns[sort.column], direction: sort.descends ? 'DESC' : 'ASC' }];
}
