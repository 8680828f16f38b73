import { type Scope, scopeFor } from '../access/policy.ts';
import type { Viewer } from '../access/viewer.ts';
import { badUserInput, InputError } from '../base/errors.ts';
import type { CoreInternals } from '../core.ts';
import { allOf, type Condition } from '../query/condition.ts';
import { requireBoundedConditions } from './conditionBounds.ts';
import { hasRelativeTime, parseQueryConditions, parseRequestField, type SearchContext } from './conditions.ts';
import { type Input, isGiven, parseList, parseObject } from './parseInput.ts';
import { readClock } from './sql/readClock.ts';
import type { SearchEntity } from './wireFields.ts';

/** The fields beside `query` in the request of a list of each entity. */
export const requestFields = {
  supervisor: ['supervisor_id', 'name', 'is_public', 'hostname', 'domain_id'],
  plugin: ['domain_id', 'supervisor_id', 'hostname', 'plugin_id', 'version', 'state', 'endpoint'],
} as const satisfies Record<SearchEntity, readonly string[]>;

/** A request whose conditions have been parsed; the rest of its query has not. */
export interface SearchRequest {
  readonly context: SearchContext;
  readonly scope: Scope;
  /** The conditions of the request's fields and of its query. */
  readonly where: Condition;
  readonly query: Input;
}

/** The requests of one method. */
interface RequestShape {
  readonly entity: SearchEntity;
  /** The fields that a request may have beside its query. */
  readonly fields: readonly string[];
  /** The fields that its query may have. */
  readonly queryFields: readonly string[];
}

/**
 * Parses a request's conditions and finds the scope that the viewer has for it (A2). Reads the database's clock where a
 * condition is relative to the present.
 *
 * @throws DomainError FORBIDDEN, or BAD_USER_INPUT that names the field or the condition
 */
export async function readRequest(
  core: CoreInternals,
  viewer: Viewer,
  request: unknown,
  { entity, fields, queryFields }: RequestShape,
): Promise<SearchRequest> {
  const { domain_id: domainId, query: given, ...others } = parseObject(request, [...fields, 'query'], []);
  const scope = requireScope(viewer, domainId, core.settings.limits.filterOperands);
  const query = parseObject(given, queryFields, ['query']);
  requireBoundedConditions(core.settings.limits, query, others);
  const now = hasRelativeTime(query) ? await readClock(core.db.sql, core.clockOffsetMs()) : new Date(0);
  const context = { entity, limits: core.settings.limits, now };
  const where = allOf(
    ...Object.entries(others).map(([name, value]) => parseRequestField(context, name, value)),
    Array.isArray(domainId) ? parseRequestField(context, 'domain_id', domainId) : undefined,
    parseQueryConditions(context, query, ['query']),
  );
  return { context, scope, where, query };
}

/** The scope of a request that names a domain, several, or none. @throws DomainError FORBIDDEN for a domain of others */
function requireScope(viewer: Viewer, domainId: unknown, maxDomains: number): Scope {
  if (Array.isArray(domainId)) {
    const domains = parseList(domainId, maxDomains, ['domain_id']);
    for (const domain of domains) scopeOfDomain(viewer, domain);
    return scopeFor(viewer, 'read');
  }
  return scopeOfDomain(viewer, isGiven(domainId) && domainId !== '' ? domainId : null);
}

function scopeOfDomain(viewer: Viewer, domainId: unknown): Scope {
  try {
    return scopeFor(viewer, 'read', domainId);
  } catch (error) {
    throw error instanceof InputError ? badUserInput(['domain_id'], error.problem) : error;
  }
}
