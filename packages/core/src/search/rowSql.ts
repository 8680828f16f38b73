import { compileCondition, valueSql } from '../query/compile.ts';
import type { Condition } from '../query/condition.ts';
import type { CompileContext } from '../query/context.ts';
import { entities, type Field, fieldNamed } from '../query/fields.ts';
import { jsonAtSql } from '../query/jsonLeaf.ts';
import { scopeSql } from '../query/scopeSql.ts';
import { tableSql } from '../query/tableSql.ts';
import type { Key } from './keys.ts';
import { wireTimeSql } from './times.ts';
import { type SearchEntity, wireFieldsOf } from './wireFields.ts';

/** The alias of the searched table in each statement. */
const row = 't';

/** What follows FROM and WHERE: the entity's rows that the viewer may see and that meet a condition. */
export function sourceSql(
  context: CompileContext,
  entity: SearchEntity,
  where: Condition,
): { readonly from: string; readonly where: string } {
  return {
    from: tableSql(context, entity, row),
    where: `${scopeSql(context, row)} AND ${compileCondition(context, entity, where, row)}`,
  };
}

/** The SQL of a field's column as the viewer sees it; `write` makes of the column what is wanted. */
function columnSql(
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

/** The SQL of what a key leads to, as JSON; null where there is nothing. */
export function jsonSql(context: CompileContext, entity: SearchEntity, key: Pick<Key, 'name' | 'path'>): string {
  return columnSql(context, entity, key.name, (column, field) =>
    jsonAtSql(asJson(column, field), key.path, context.parameters),
  );
}

/** The SQL of a JSON object of fields, under the wire's names and in the wire's forms. */
export function wireRowSql(context: CompileContext, entity: SearchEntity, names: readonly string[]): string {
  const members = names.map((name) => `'${name}', ${columnSql(context, entity, name, asJson)}`);
  return `jsonb_build_object(${members.join(', ')})`;
}

/** The SQL of an order's keys; the tie-breaker ends it unless `isWhole` is false. */
export function wireOrderSql(
  context: CompileContext,
  entity: SearchEntity,
  order: readonly { readonly key: Key; readonly desc: boolean }[],
  isWhole = true,
): string {
  const keys = order.map(({ key, desc }) =>
    key.path.length > 0 || key.field.type === 'list' || key.field.type === 'object'
      ? jsonOrderSql(jsonSql(context, entity, key), desc)
      : columnSql(context, entity, key.name, orderable) + directionOf(key, desc),
  );
  return [...keys, ...(isWhole ? [`${row}."${entities[entity].tieBreaker}"`] : [])].join(', ');
}

/** A column in the order of its values as texts, which for states is not the order of their declaration. */
const orderable = (column: string, { type }: Field) => (type === 'state' ? `${column}::text COLLATE "C"` : column);

/** What is missing comes first, as in `jsonOrderSql`. Said only where it can be: it would keep an index from use. */
function directionOf({ wire }: Key, desc: boolean): string {
  const direction = desc ? ' DESC' : '';
  return wire.nullable ? `${direction} NULLS ${desc ? 'LAST' : 'FIRST'}` : direction;
}

const jsonTypes = ['number', 'string', 'object', 'array', 'boolean'];

/**
 * The order of JSON values: by type (nothing, numbers, texts, objects, lists, booleans), then numbers by size and the
 * rest by their text's bytes. PostgreSQL's own order of JSON depends on the database's collation.
 */
export function jsonOrderSql(json: string, desc: boolean): string {
  const types = jsonTypes.map((type, i) => `WHEN '${type}' THEN ${i + 1}`).join(' ');
  return [
    `(CASE jsonb_typeof(${json}) ${types} ELSE 0 END)`,
    `(CASE jsonb_typeof(${json}) WHEN 'number' THEN (${json})::numeric END)`,
    `((${json}) #>> '{}') COLLATE "C"`,
  ]
    .map((key) => (desc ? `${key} DESC` : key))
    .join(', ');
}
