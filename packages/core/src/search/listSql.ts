import { boundedTextSql } from '../query/boundedText.ts';
import { allOf, type Condition } from '../query/condition.ts';
import type { CompileContext } from '../query/context.ts';
import { elementsSql } from '../query/jsonLeaf.ts';
import type { Key, OrderedKey } from './keys.ts';
import type { PageInput } from './parseInput.ts';
import { rowConditionSql } from './rowCondition.ts';
import { jsonOrderSql, searchSourceSql, wireJsonSql, wireOrderKeySql, wireOrderSql, wireRowSql } from './rowSql.ts';
import type { SearchEntity } from './wireFields.ts';

/** The list field of which each element makes a result, and the conditions on results. */
export interface ListUnwind {
  readonly key: Key;
  /** On the element, by paths into it (rowCondition.ts). */
  readonly ofElement: Condition;
  /** On the row's other fields. */
  readonly ofRow: Condition;
}

/** A list's query, parsed: the order, the page and the shown fields. */
export interface WireList {
  readonly order: readonly OrderedKey[];
  readonly page: PageInput & { readonly limit: number };
  /** The most bytes of the page as JSON. */
  readonly maxBytes: number;
  /** Whether the answer has the number of rows alone. */
  readonly countOnly: boolean;
  readonly unwind: ListUnwind | null;
  /** The wire's names of the fields to read. */
  readonly fields: readonly string[];
  /** The parts of the fields that the results show; null for all. */
  readonly only: readonly Key[] | null;
}

/** The SQL of one page, as the text of a JSON list, and the number of all matching rows: one row for `readText`, with `totalCount`. */
export function wireListSql(context: CompileContext, entity: SearchEntity, where: Condition, list: WireList): string {
  const source = listSourceSql(context, entity, where, list.unwind);
  const totalCount = `(SELECT count(*)::int FROM ${source}) AS "totalCount"`;
  if (list.countOnly) return `SELECT '[]' AS text, ${totalCount}`;
  const limit = context.parameters.add(list.page.limit, 'int');
  const offset = context.parameters.add(list.page.offset, 'int');
  const page = `
    SELECT coalesce(jsonb_agg(page.row ORDER BY page.row_order)::text, '[]') FROM (
      SELECT found.row, row_number() OVER () AS row_order FROM (
        SELECT ${listRowSql(context, entity, list)} AS row FROM ${source}
        ORDER BY ${listOrderSql(context, entity, list)} LIMIT ${limit} OFFSET ${offset}) found) page`;
  return boundedTextSql(context.parameters, list.maxBytes, {
    statement: `SELECT ${totalCount}, (${page}) AS text`,
    columns: ['made."totalCount"'],
  });
}

function listSourceSql(
  context: CompileContext,
  entity: SearchEntity,
  where: Condition,
  unwind: ListUnwind | null,
): string {
  const source = searchSourceSql(context, entity, unwind ? allOf(where, unwind.ofRow) : where);
  if (!unwind) return `${source.from} WHERE ${source.where}`;
  const json = wireJsonSql(context, entity, unwind.key);
  return `${source.from} CROSS JOIN LATERAL ${elementsSql(json, 'unwound')}
    WHERE ${source.where} AND coalesce(${json}, 'null') <> 'null'
      AND ${rowConditionSql(context.parameters, unwind.ofElement, 'unwound.value')}`;
}

function listRowSql(context: CompileContext, entity: SearchEntity, { fields, unwind }: WireList): string {
  const row = wireRowSql(context, entity, fields);
  if (!unwind || !fields.includes(unwind.key.name)) return row;
  const { name, path } = unwind.key;
  return `jsonb_set(${row}, ${context.parameters.add([name, ...path], 'text[]')}, unwound.value)`;
}

function listOrderSql(context: CompileContext, entity: SearchEntity, { order, unwind }: WireList): string {
  if (!unwind) return wireOrderSql(context, entity, order);
  // The keys before the unwound field order the rows, and the keys after it the elements of one row.
  const index = order.findIndex(({ key }) => key.text === unwind.key.text);
  const isOrdered = index >= 0;
  const before = (isOrdered ? order.slice(0, index) : order).map((key) => wireOrderKeySql(context, entity, key));
  const after = wireOrderSql(context, entity, isOrdered ? order.slice(index + 1) : []);
  const element = jsonOrderSql('unwound.value', order[index]?.direction ?? 'ASC');
  return [...before, ...(isOrdered ? [element, after] : [after]), 'unwound.ordinal'].join(', ');
}
