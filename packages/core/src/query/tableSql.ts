import type { CompileContext } from './context.ts';
import { type Entity, type EntityDefinition, entities, fieldNamed } from './fields.ts';
import type { ScopeOptions } from './scopeSql.ts';

/**
 * What stands after FROM for an entity's rows: the table, as far as the scope reaches. This is the second line of
 * defence for SQL (access/tenants.ts): a statement that forgets its own condition still reads no other tenant's row. To
 * PostgreSQL it is one more condition on the same scan.
 */
export function tableSql(
  context: CompileContext,
  entity: Entity,
  alias: string,
  { includePublic }: ScopeOptions = {},
): string {
  const { table, source = table }: EntityDefinition = entities[entity];
  const { domainId } = context.scope;
  if (domainId === null) return `${source} ${alias}`;
  const { column } = entities[entity].fields.domainId;
  const own = `"${column}" = ${context.parameters.add(domainId, 'text')}`;
  const isPublic = includePublic ? fieldNamed(entity, 'isPublic') : undefined;
  const open = isPublic ? ` OR "${isPublic.column}"` : '';
  return `(SELECT * FROM ${source} own WHERE ${own}${open}) ${alias}`;
}
