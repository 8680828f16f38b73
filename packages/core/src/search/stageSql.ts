import type { Parameters } from '../query/context.ts';
import { elementsSql, jsonAtSql } from '../query/jsonLeaf.ts';
import { groupSteps, type Step } from './groupSql.ts';
import { rowConditionSql } from './rowCondition.ts';
import { jsonOrderSql } from './rowSql.ts';
import type { ProjectOperator, ProjectStage, RowPath, Stage } from './stages.ts';

/**
 * The steps of one stage, from rows of `row` (JSON) and `row_order` to such rows; the last step is called `name`. Names
 * that a client gave are parameters and keys of JSON, never SQL.
 */
export function stageSteps(parameters: Parameters, stage: Stage, from: string, name: string): Step[] {
  switch (stage.kind) {
    case 'group':
      return groupSteps(parameters, stage, from, name);
    case 'unwind':
      return [{ name, body: unwindSql(parameters, stage, from) }];
    case 'distinct':
      return [{ name, body: distinctSql(parameters, stage.path, from) }];
    case 'count': {
      const row = `jsonb_build_object(${parameters.add(stage.name, 'text')}, count(*))`;
      return [{ name, body: `SELECT ${row} AS row, 1::bigint AS row_order FROM ${from}` }];
    }
    case 'sort': {
      const order = stage.keys.map(({ path, direction }) =>
        jsonOrderSql(jsonAtSql('row', path, parameters), direction),
      );
      const rowOrder = `row_number() OVER (ORDER BY ${[...order, 'row_order'].join(', ')})`;
      return [{ name, body: `SELECT row, ${rowOrder} AS row_order FROM ${from}` }];
    }
    case 'limit':
    case 'skip': {
      const bound = `${stage.kind === 'limit' ? 'LIMIT' : 'OFFSET'} ${parameters.add(stage.count, 'int')}`;
      return [{ name, body: `SELECT row, row_order FROM ${from} ORDER BY row_order ${bound}` }];
    }
    case 'project':
      return [{ name, body: `SELECT ${projectedSql(parameters, stage)} AS row, row_order FROM ${from}` }];
  }
}

/** A row for each element of a list; a value that is no list counts as its only element, and an absent value has none. */
function unwindSql(parameters: Parameters, { path, where }: Extract<Stage, { kind: 'unwind' }>, from: string): string {
  const list = jsonAtSql('row', path, parameters);
  return `
    SELECT row, row_order FROM (
      SELECT jsonb_set(row, ${parameters.add(path, 'text[]')}, part.value) AS row,
        row_number() OVER (ORDER BY row_order, part.ordinal) AS row_order
      FROM ${from} CROSS JOIN LATERAL ${elementsSql(list, 'part')} WHERE coalesce(${list}, 'null') <> 'null') unwound
    WHERE ${rowConditionSql(parameters, where, 'row')}`;
}

function distinctSql(parameters: Parameters, path: RowPath, from: string): string {
  return `
    SELECT each.value AS row, row_number() OVER (ORDER BY ${jsonOrderSql('each.value', 'ASC')}) AS row_order
    FROM (
      SELECT DISTINCT part.value
      FROM ${from} CROSS JOIN LATERAL ${elementsSql(jsonAtSql('row', path, parameters), 'part')}
      WHERE part.value <> 'null') each`;
}

function projectedSql(parameters: Parameters, { members }: ProjectStage): string {
  const parts = members.map(({ name, path, operator }) => {
    const value = jsonAtSql('row', path, parameters);
    return `${parameters.add(name, 'text')}, ${operator === null ? value : derivedSql(operator, value)}`;
  });
  return `jsonb_build_object(${parts.join(', ')})`;
}

function derivedSql(operator: ProjectOperator, value: string): string {
  const ofType = (type: string, sql: string) => `CASE jsonb_typeof(${value}) WHEN '${type}' THEN ${sql} END`;
  switch (operator) {
    case 'size':
      return ofType('array', `jsonb_array_length(${value})`);
    case 'sum':
      return `(
        SELECT coalesce(sum(CASE jsonb_typeof(part.value) WHEN 'number' THEN part.value::numeric END), 0)
        FROM ${elementsSql(value, 'part')})`;
    case 'array_to_object':
      return ofType(
        'array',
        `(SELECT coalesce(jsonb_object_agg(pair.k #>> '{}', pair.v ORDER BY pair.ordinal)
            FILTER (WHERE jsonb_typeof(pair.k) = 'string'), '{}')
          FROM (
            SELECT CASE jsonb_typeof(part.value) WHEN 'array' THEN part.value -> 0 ELSE part.value -> 'k' END AS k,
              CASE jsonb_typeof(part.value) WHEN 'array' THEN part.value -> 1 ELSE part.value -> 'v' END AS v,
              part.ordinal
            FROM ${elementsSql(value, 'part')}) pair)`,
      );
    case 'object_to_array':
      return ofType(
        'object',
        `(SELECT coalesce(
            jsonb_agg(jsonb_build_object('k', part.key, 'v', part.value) ORDER BY part.key COLLATE "C"), '[]')
          FROM jsonb_each(${value}) AS part)`,
      );
  }
}
