import type { Condition } from '../query/condition.ts';
import type { CompileContext } from '../query/context.ts';
import { elementsSql } from '../query/jsonLeaf.ts';
import type { PageInput } from './input.ts';
import type { Key } from './keys.ts';
import { jsonOrderSql, jsonSql, sourceSql, wireOrderSql, wireRowSql } from './rowSql.ts';
import type { SearchEntity } from './wireFields.ts';

/** What a list shows of which rows. */
export interface WireList {
  readonly order: readonly { readonly key: Key; readonly desc: boolean }[];
  readonly page: PageInput & { readonly limit: number };
  readonly countOnly: boolean;
  /** The list field of which each element makes a result of its own. */
  readonly unwind: Key | null;
  /** The wire's names of the fields to read. */
  readonly fields: readonly string[];
  /** What to show of them; null for all. */
  readonly only: readonly Key[] | null;
}

/** The SQL of one page and the number of all that match: one row of `results` and `totalCount`. */
export function listSql(context: CompileContext, entity: SearchEntity, where: Condition, list: WireList): string {
  const source = listSource(context, entity, where, list.unwind);
  const totalCount = `(SELECT count(*)::int FROM ${source}) AS "totalCount"`;
  if (list.countOnly) return `SELECT NULL AS results, ${totalCount}`;
  const limit = context.parameters.add(list.page.limit, 'int');
  const offset = context.parameters.add(list.page.offset, 'int');
  return `SELECT ${totalCount}, (
    SELECT jsonb_agg(page.row ORDER BY page.place) FROM (
      SELECT found.row, row_number() OVER () AS place FROM (
        SELECT ${rowSql(context, entity, list)} AS row FROM ${source}
        ORDER BY ${orderSql(context, entity, list)} LIMIT ${limit} OFFSET ${offset}) found) page) AS results`;
}

function listSource(context: CompileContext, entity: SearchEntity, where: Condition, unwind: Key | null): string {
  const source = sourceSql(context, entity, where);
  if (!unwind) return `${source.from} WHERE ${source.where}`;
  const json = jsonSql(context, entity, unwind);
  return `${source.from} CROSS JOIN LATERAL ${elementsSql(json, 'unwound')}
    WHERE ${source.where} AND coalesce(${json}, 'null') <> 'null'`;
}

function rowSql(context: CompileContext, entity: SearchEntity, { fields, unwind }: WireList): string {
  const row = wireRowSql(context, entity, fields);
  if (!unwind || !fields.includes(unwind.name)) return row;
  return `jsonb_set(${row}, ${context.parameters.add([unwind.name, ...unwind.path], 'text[]')}, unwound.value)`;
}

function orderSql(context: CompileContext, entity: SearchEntity, { order, unwind }: WireList): string {
  if (!unwind) return wireOrderSql(context, entity, order);
  // Up to the unwound field itself the order is by the row, and from there on by the element.
  const place = order.findIndex(({ key }) => key.text === unwind.text);
  const before = place < 0 ? order : order.slice(0, place);
  const element = place < 0 ? 'unwound.ordinal' : jsonOrderSql('unwound.value', order[place]?.desc ?? false);
  const after = wireOrderSql(context, entity, place < 0 ? [] : order.slice(place + 1));
  const keys = before.map((part) => wireOrderSql(context, entity, [part], false));
  return place < 0 ? [...keys, after, element].join(', ') : [...keys, element, after, 'unwound.ordinal'].join(', ');
}
