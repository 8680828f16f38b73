import type { Supervisor } from '@muster/db';
import type { Scope } from './policy.ts';
import { isInScope } from './scopeWhere.ts';
import type { Viewer } from './viewer.ts';

/*
 * A6: the tags and the conditions of a supervisor are for its own domain; everybody else sees `{}` and `[]`. The rule stands here once, for rows in
 * memory and for SQL, by scope and by viewer. visibility.db.test.ts holds the forms equal.
 */

type TaggedRow = Pick<Supervisor, 'domainId' | 'tags'>;
type ConditionedRow = Pick<Supervisor, 'domainId' | 'conditions'>;

/** Adds a parameter to a statement and returns the placeholder. */
type AddParameter = (value: string, pgType: 'text') => string;

/** The tags of a supervisor as far as a scope reaches: for conditions, which must reveal nothing beyond it. */
export function tagsInScope(scope: Scope, supervisor: TaggedRow): Supervisor['tags'] {
  return isInScope(scope, supervisor) ? supervisor.tags : {};
}

/** `tagsInScope` as SQL of type jsonb, for the supervisor's row that is called `alias`. */
export function tagsInScopeSql({ domainId }: Scope, alias: string, addParameter: AddParameter): string {
  return inScopeSql({ domainId }, alias, addParameter, { column: 'tags', otherwise: '{}' });
}

/** The conditions of a supervisor as far as a scope reaches, as `tagsInScope`. */
export function conditionsInScope(scope: Scope, supervisor: ConditionedRow): Supervisor['conditions'] {
  return isInScope(scope, supervisor) ? supervisor.conditions : [];
}

/** `conditionsInScope` as SQL of type jsonb, for the supervisor's row that is called `alias`. */
export function conditionsInScopeSql(scope: Scope, alias: string, addParameter: AddParameter): string {
  return inScopeSql(scope, alias, addParameter, { column: 'conditions', otherwise: '[]' });
}

function inScopeSql(
  { domainId }: Scope,
  alias: string,
  addParameter: AddParameter,
  { column, otherwise }: { column: 'tags' | 'conditions'; otherwise: '{}' | '[]' },
): string {
  const value = `${alias}."${column}"`;
  if (domainId === null) return value;
  return `(CASE WHEN ${alias}."domain_id" = ${addParameter(domainId, 'text')} THEN ${value} ELSE '${otherwise}' END)`;
}

/** The tags of a supervisor as a viewer is shown them, whatever domain the operation names. */
export function visibleTags(viewer: Viewer, supervisor: TaggedRow): Supervisor['tags'] {
  return tagsInScope(tagsScope(viewer), supervisor);
}

/**
 * The conditions of a supervisor as a viewer is shown them: those of another domain's may name other tenants' plugins,
 * and addresses.
 */
export function visibleConditions(viewer: Viewer, supervisor: ConditionedRow): Supervisor['conditions'] {
  return conditionsInScope(tagsScope(viewer), supervisor);
}

/** `visibleTags` as SQL of type jsonb, for the supervisor's row that is called `alias`. */
export function visibleTagsSql(viewer: Viewer, alias: string, addParameter: AddParameter): string {
  return tagsInScopeSql(tagsScope(viewer), alias, addParameter);
}

/** The domain whose tags a viewer is shown; null for those of all domains. */
function tagsScope(viewer: Viewer): Scope {
  return { domainId: viewer.domainId };
}
