import type { Parameters } from '../query/context.ts';
import { compileJsonLeaf, jsonAtSql } from '../query/jsonLeaf.ts';
import type { DateFormat } from './dateFormat.ts';
import { jsonOrderSql } from './rowSql.ts';
import type { GroupCondition, GroupField, GroupStage, NamedPath } from './stages.ts';

/** The most groups of one stage. */
export const maxGroups = 10_000;
/** The most values of one `push` or `add_to_set`, and the most keys of one `merge_objects`. */
export const maxCollected = 1_000;

/** A common table expression. */
export interface Step {
  readonly name: string;
  readonly body: string;
}

/**
 * The steps of a group. The last of them is called `name` and has a row a group: `row`, `row_order` (that of the group's
 * first row) and `widest` (the most values that one of its fields collected). A group and a value more than the most are
 * read, so that the caller can tell when there were too many.
 */
export function groupSteps(parameters: Parameters, stage: GroupStage, from: string, name: string): Step[] {
  const keys = stage.keys.map((_, i) => `k${i}`);
  const by = keys.length > 0 ? keys.join(', ') : '()';
  const partition = keys.length > 0 ? `PARTITION BY ${keys.join(', ')} ` : '';
  const columns = stage.fields.map((field, i) => columnsOf(field, i, partition));
  const merges = stage.fields.flatMap((field, i) => (field.operator === 'merge_objects' ? [i] : []));
  const merged = (i: number) => `${name}m${i}`;
  const ranks = columns.flatMap(({ rank }) => (rank ? [`, ${rank}`] : []));
  const aggregates = columns.flatMap(({ aggregate }, i) => (aggregate ? [`, ${aggregate} AS f${i}`] : []));
  const widths = columns.flatMap(({ width }) => (width ? [width] : []));
  const members = [
    ...stage.keys.map((key, i) => `${parameters.add(key.name, 'text')}, g.k${i}`),
    ...stage.fields.map((field, i) => {
      const value = merges.includes(i) ? `coalesce(${merged(i)}.value, '{}')` : `g.f${i}`;
      return `${parameters.add(field.name, 'text')}, ${value}`;
    }),
  ];
  const joins = merges.map((i) => {
    const same = keys.map((key) => `${merged(i)}.${key} = g.${key}`).join(' AND ') || 'TRUE';
    return `LEFT JOIN ${merged(i)} ON ${same}`;
  });
  const widest = ['g.width', ...merges.map((i) => `${merged(i)}.width`)].join(', ');
  return [
    { name: `${name}k`, body: keyedSql(parameters, stage, from) },
    ...merges.map((i) => ({ name: merged(i), body: mergedSql(keys, i, `${name}k`) })),
    {
      name,
      body: `
        SELECT jsonb_build_object(${members.join(', ')}) AS row, g.row_order, greatest(${widest}) AS widest
        FROM (
          SELECT ${[...keys, 'min(row_order) AS row_order'].join(', ')}, greatest(${['0', ...widths].join(', ')}) AS width${aggregates.join('')}
          FROM (SELECT *${ranks.join('')} FROM ${name}k) ranked
          GROUP BY ${by} HAVING count(*) > 0 LIMIT ${maxGroups + 1}) g
        ${joins.join(' ')}`,
    },
  ];
}

/** The rows with their keys (k0, k1, ...), each field's value (v0, ...) and whether its conditions hold (c0, ...). */
function keyedSql(parameters: Parameters, { keys, fields }: GroupStage, from: string): string {
  const columns = [
    ...keys.map((key, i) => `${groupKeySql(parameters, key.path, key.format)} AS k${i}`),
    ...fields.map((field, i) => `${fieldValueSql(parameters, field)} AS v${i}`),
    ...fields.map((field, i) => `${groupConditionsSql(parameters, field.conditions)} AS c${i}`),
  ];
  return `SELECT row_order, ${columns.join(', ')} FROM ${from}`;
}

function groupKeySql(parameters: Parameters, path: readonly string[], format: DateFormat | null): string {
  const value = jsonAtSql('row', path, parameters);
  if (format === null) return orNull(value);
  const time = `(${value} #>> '{}')::timestamptz AT TIME ZONE 'UTC'`;
  const text = `to_char(${time}, ${parameters.add(format.toChar, 'text')})`;
  return orNull(`to_jsonb(${format.isNumber ? `${text}::int` : text})`);
}

const orNull = (json: string) => `coalesce(${json}, 'null')`;

function fieldValueSql(parameters: Parameters, { path, members }: GroupField): string {
  if (members) return objectSql(parameters, members);
  return path.length > 0 ? orNull(jsonAtSql('row', path, parameters)) : `'null'::jsonb`;
}

function objectSql(parameters: Parameters, members: readonly NamedPath[]): string {
  const parts = members.map(
    ({ name, path }) => `${parameters.add(name, 'text')}, ${jsonAtSql('row', path, parameters)}`,
  );
  return `jsonb_build_object(${parts.join(', ')})`;
}

function groupConditionsSql(parameters: Parameters, conditions: readonly GroupCondition[]): string {
  const parts = conditions.map(({ path, operator, value }) =>
    compileJsonLeaf(parameters, { field: 'row', operator, value }, jsonAtSql('row', path, parameters)),
  );
  return parts.length > 0 ? `(${parts.join(' AND ')})` : 'TRUE';
}

/** The merged objects by group: the last value of each key. */
function mergedSql(keys: readonly string[], i: number, keyed: string): string {
  const object = `CASE jsonb_typeof(v${i}) WHEN 'object' THEN v${i} ELSE '{}' END`;
  const distinct = [...keys, 'part.key'].join(', ');
  const group = keys.length > 0 ? keys.join(', ') : '()';
  return `
    SELECT ${[...keys, 'jsonb_object_agg(last.key, last.value) AS value', 'count(*) AS width'].join(', ')}
    FROM (
      SELECT DISTINCT ON (${distinct}) ${distinct}, part.value
      FROM ${keyed} CROSS JOIN LATERAL jsonb_each(${object}) AS part ORDER BY ${distinct}, row_order DESC) last
    GROUP BY ${group} HAVING count(*) > 0`;
}

/** The columns that work out one field. */
interface FieldColumns {
  /** A window that ranks the group's rows, so that an aggregate takes in only as many as it needs. */
  readonly rank?: string;
  readonly aggregate?: string;
  /** The number of collected values. */
  readonly width?: string;
}

function columnsOf({ operator }: GroupField, i: number, partition: string): FieldColumns {
  const [value, rank, holds] = [`v${i}`, `r${i}`, `c${i}`];
  const isThere = `${value} <> 'null'`;
  const ranked = (by: string, order: string) => `${by} OVER (${partition}ORDER BY ${order}) AS ${rank}`;
  const first = `(array_agg(${value}) FILTER (WHERE ${rank} = 1))[1]`;
  const number = `CASE WHEN ${holds} AND jsonb_typeof(${value}) = 'number' THEN ${value}::numeric END`;
  const few = `FILTER (WHERE ${isThere} AND ${rank} <= ${maxCollected + 1})`;
  switch (operator) {
    case 'count':
      return { aggregate: `count(*) FILTER (WHERE ${holds})` };
    case 'sum':
      return { aggregate: `coalesce(sum(${number}), 0)` };
    case 'average':
      return { aggregate: `avg(${number})` };
    case 'max':
    case 'min': {
      const order = jsonOrderSql(value, operator === 'max' ? 'DESC' : 'ASC');
      return { rank: ranked('row_number()', `${value} = 'null', ${order}`), aggregate: first };
    }
    case 'first':
      return { rank: ranked('row_number()', 'row_order'), aggregate: first };
    case 'last':
      return { rank: ranked('row_number()', 'row_order DESC'), aggregate: first };
    case 'push':
      return {
        rank: ranked('row_number()', `${value} = 'null', row_order`),
        aggregate: `coalesce(jsonb_agg(${value} ORDER BY row_order) ${few}, '[]')`,
        width: `count(*) FILTER (WHERE ${isThere})`,
      };
    case 'add_to_set':
      return {
        rank: ranked('dense_rank()', `${value} = 'null', ${value}`),
        aggregate: `coalesce(jsonb_agg(DISTINCT ${value}) ${few}, '[]')`,
        width: `coalesce(max(${rank}) FILTER (WHERE ${isThere}), 0)`,
      };
    case 'merge_objects':
      return {};
  }
}
