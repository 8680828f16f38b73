import { type Scope, scopeFor } from '../access/policy.ts';
import type { Viewer } from '../access/viewer.ts';
import { badUserInput, InputError } from '../base/errors.ts';
import type { CoreInternals } from '../core.ts';
import { allOf, type Condition } from '../query/condition.ts';
import { asksForTime, conditionOfQuery, requestCondition, type SearchContext } from './conditions.ts';
import { type Input, isGiven, listOf, objectOf } from './input.ts';
import { readClock } from './readClock.ts';
import type { SearchEntity } from './wireFields.ts';

/** What stands beside `query` in a request of each kind. */
export const requestFields = {
  supervisor: ['supervisor_id', 'name', 'is_public', 'hostname', 'domain_id'],
  plugin: ['domain_id', 'supervisor_id', 'hostname', 'plugin_id', 'version', 'state', 'endpoint'],
} as const satisfies Record<SearchEntity, readonly string[]>;

/** A request that has been read, up to what its query says of more than which rows. */
export interface SearchRequest {
  readonly context: SearchContext;
  readonly scope: Scope;
  readonly where: Condition;
  readonly query: Input;
}

/**
 * Reads a request: the scope that the viewer has for it (A2), and the condition that its fields and its query make.
 *
 * @param queryFields what its query may have
 * @throws DomainError FORBIDDEN, or BAD_USER_INPUT that names the field or the condition
 */
export async function readRequest(
  core: CoreInternals,
  viewer: Viewer,
  entity: SearchEntity,
  request: unknown,
  fields: readonly string[],
  queryFields: readonly string[],
): Promise<SearchRequest> {
  const { domain_id: domainId, query: given, ...others } = objectOf(request, [...fields, 'query'], []);
  const scope = scopeOf(core, viewer, domainId);
  const query = objectOf(given, queryFields, ['query']);
  const now = asksForTime(query) ? await readClock(core.db.sql, core.clockOffsetMs()) : new Date(0);
  const context = { entity, limits: core.settings.limits, now };
  const where = allOf(
    ...Object.entries(others).map(([name, value]) => requestCondition(context, name, value)),
    Array.isArray(domainId) ? requestCondition(context, 'domain_id', domainId) : undefined,
    conditionOfQuery(context, query, ['query']),
  );
  return { context, scope, where, query };
}

/** The scope of a request that may name a domain, or several, of which each must be open to the viewer. */
function scopeOf(core: CoreInternals, viewer: Viewer, domainId: unknown): Scope {
  if (Array.isArray(domainId)) {
    const domains = listOf(domainId, core.settings.limits.filterValues, ['domain_id']);
    for (const domain of domains) scopeNaming(viewer, domain);
    return scopeFor(viewer, 'read');
  }
  return scopeNaming(viewer, isGiven(domainId) && domainId !== '' ? domainId : null);
}

function scopeNaming(viewer: Viewer, domainId: unknown): Scope {
  try {
    // What is no text is refused within.
    return scopeFor(viewer, 'read', domainId as string | null);
  } catch (error) {
    throw error instanceof InputError ? badUserInput(['domain_id'], error.problem) : error;
  }
}
