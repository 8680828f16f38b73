import { compileCondition, valueSql } from '../query/compile.ts';
import type { Condition } from '../query/condition.ts';
import type { CompileContext } from '../query/context.ts';
import { entities, type Field, fieldNamed } from '../query/fields.ts';
import { jsonAtSql } from '../query/jsonLeaf.ts';
import { orderColumnSql } from '../query/keyset.ts';
import { scopeSql } from '../query/scopeSql.ts';
import { tableSql } from '../query/tableSql.ts';
import type { Key, OrderedKey } from './keys.ts';
import { wireTimeSql } from './times.ts';
import { type SearchEntity, wireFieldsOf } from './wireFields.ts';

/** The alias of the searched table in each statement. */
const row = 't';

/** The SQL after FROM and after WHERE: the rows that the viewer may see and that a condition accepts. */
export function searchSourceSql(
  context: CompileContext,
  entity: SearchEntity,
  where: Condition,
): { readonly from: string; readonly where: string } {
  return {
    from: tableSql(context, entity, row),
    where: `${scopeSql(context, row)} AND ${compileCondition(context, entity, where, row)}`,
  };
}

/** The SQL of a field as the viewer sees it; `write` turns its column into the wanted expression. */
function wireColumnSql(
  context: CompileContext,
  entity: SearchEntity,
  name: string,
  write: (column: string, field: Field) => string,
): string {
  const wire = wireFieldsOf(entity)[name];
  const owner = wire?.related ? 'supervisor' : entity;
  const field = wire && fieldNamed(owner, wire.field);
  if (!field) throw new Error(`${entity} has no field ${name}`);
  if (!wire.related) return write(valueSql(context, entity, field, row), field);
  const value = write(valueSql(context, owner, field, 's'), field);
  return `(SELECT ${value} FROM ${entities[owner].table} s WHERE s.id = ${row}.supervisor_id)`;
}

function asJson(column: string, { type }: Field): string {
  return type === 'object' ? column : `to_jsonb(${type === 'time' ? wireTimeSql(column) : column})`;
}

/** The SQL of the value that a key leads to, as JSON; null where there is none. */
export function wireJsonSql(context: CompileContext, entity: SearchEntity, key: Pick<Key, 'name' | 'path'>): string {
  return wireColumnSql(context, entity, key.name, (column, field) =>
    jsonAtSql(asJson(column, field), key.path, context.parameters),
  );
}

/** The SQL of a JSON object of fields, under the wire's names and in the wire's forms. */
export function wireRowSql(context: CompileContext, entity: SearchEntity, names: readonly string[]): string {
  const members = names.map((name) => `'${name}', ${wireColumnSql(context, entity, name, asJson)}`);
  return `jsonb_build_object(${members.join(', ')})`;
}

/** The SQL of an order; the tie-breaker completes it. */
export function wireOrderSql(context: CompileContext, entity: SearchEntity, order: readonly OrderedKey[]): string {
  const keys = order.map((key) => wireOrderKeySql(context, entity, key));
  return [...keys, `${row}."${entities[entity].tieBreaker}"`].join(', ');
}

/** The SQL of one key of an order. */
export function wireOrderKeySql(context: CompileContext, entity: SearchEntity, { key, direction }: OrderedKey): string {
  return key.path.length > 0 || key.field.type === 'list' || key.field.type === 'object'
    ? jsonOrderSql(wireJsonSql(context, entity, key), direction)
    : wireColumnSql(context, entity, key.name, orderable) + directionSql(key, direction);
}

/** A state is ordered by its text, and not by the order of the enum's declaration. */
function orderable(column: string, field: Field): string {
  if (field.sortKey) return orderColumnSql(row, field);
  return field.type === 'state' ? `${column}::text COLLATE "C"` : column;
}

/** Absent values come first, as in `jsonOrderSql`. Only a nullable field says so, since NULLS FIRST rules out its index. */
function directionSql({ wire }: Key, direction: OrderedKey['direction']): string {
  const keyword = direction === 'DESC' ? ' DESC' : '';
  return wire.nullable ? `${keyword} NULLS ${direction === 'DESC' ? 'LAST' : 'FIRST'}` : keyword;
}

const jsonTypes = ['number', 'string', 'object', 'array', 'boolean'];

/**
 * The SQL of an order of JSON values: by type (none, numbers, texts, objects, lists, booleans), then numbers by size and
 * other values by the bytes of their text. PostgreSQL's own order of JSON depends on the database's collation.
 */
export function jsonOrderSql(json: string, direction: OrderedKey['direction']): string {
  const types = jsonTypes.map((type, i) => `WHEN '${type}' THEN ${i + 1}`).join(' ');
  return [
    `(CASE jsonb_typeof(${json}) ${types} ELSE 0 END)`,
    `(CASE jsonb_typeof(${json}) WHEN 'number' THEN (${json})::numeric END)`,
    `((${json}) #>> '{}') COLLATE "C"`,
  ]
    .map((key) => (direction === 'DESC' ? `${key} DESC` : key))
    .join(', ');
}
