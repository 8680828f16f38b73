import type { CompileContext } from './compile.ts';
import { type Entity, entities } from './fields.ts';

/**
 * What stands after FROM for an entity's rows: the table, as far as the scope reaches. It is the second line of defence
 * for SQL (access/tenants.ts): a statement that forgets its own condition still reads no other tenant's row. To
 * PostgreSQL it is one more condition on the same scan.
 *
 * @param includePublic also supervisors of other domains that are public (A6)
 */
export function sourceOf(context: CompileContext, entity: Entity, alias: string, includePublic = false): string {
  const { table } = entities[entity];
  const { domainId } = context.scope;
  if (domainId === null) return `${table} ${alias}`;
  const { column } = entities[entity].fields.domainId;
  const own = `"${column}" = ${context.parameters.add(domainId, 'text')}`;
  const open = includePublic && entity === 'supervisor' ? ` OR "${entities.supervisor.fields.isPublic.column}"` : '';
  return `(SELECT * FROM ${table} WHERE ${own}${open}) ${alias}`;
}
