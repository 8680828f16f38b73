import type { Condition } from '../query/condition.ts';
import type { CompileContext } from '../query/context.ts';
import type { Step } from './groupSql.ts';
import { defaultOrder } from './keys.ts';
import type { PageInput } from './parseInput.ts';
import type { Pipeline } from './pipeline.ts';
import { searchSourceSql, wireOrderSql, wireRowSql } from './rowSql.ts';
import { stageSteps } from './stageSql.ts';
import { type SearchEntity, wireFieldsOf } from './wireFields.ts';

/** The most results of an answer where no page is asked for. */
export const maxResults = 10_000;

/** The answer of the statement, with the sizes by which too large an answer is refused. */
export interface StatRow {
  totalCount: number;
  bytes: number;
  /** The number of groups of the stage that made the most. */
  groups: number;
  /** The number of values of the field that collected the most. */
  widest: number;
  /** Null where there are none, or more bytes than there may be. */
  results: unknown[] | null;
}

/** The rows of an entity and the stages that they go through. */
interface StatQuery {
  readonly entity: SearchEntity;
  readonly where: Condition;
  readonly pipeline: Pipeline;
  readonly page: PageInput;
  /** The most bytes of all results as JSON. */
  readonly maxBytes: number;
}

/** The SQL of statistics: one StatRow. */
export function statSql(context: CompileContext, { entity, where, pipeline, page, maxBytes }: StatQuery): string {
  const { parameters } = context;
  const steps: Step[] = [{ name: 's', body: sourceStep(context, entity, where, pipeline) }];
  const grouped: string[] = [];
  for (const [i, stage] of pipeline.stages.entries()) {
    const name = `s${i}`;
    steps.push(...stageSteps(parameters, stage, steps.at(-1)?.name ?? '', name));
    if (stage.kind === 'group') grouped.push(name);
  }
  const last = steps.at(-1)?.name;
  const limit = parameters.add(page.limit ?? maxResults + 1, 'int');
  const offset = parameters.add(page.offset, 'int');
  const greatest = (aggregate: string) =>
    `greatest(${['0', ...grouped.map((name) => `(SELECT ${aggregate} FROM ${name})`)]})::int`;
  return `
    WITH ${steps.map(({ name, body }) => `${name} AS (${body})`).join(', ')},
    chosen AS MATERIALIZED (SELECT row, row_order FROM ${last} ORDER BY row_order LIMIT ${limit} OFFSET ${offset}),
    measured AS (SELECT coalesce(sum(octet_length(row::text)), 0)::float8 AS bytes FROM chosen)
    SELECT (SELECT count(*)::int FROM ${last}) AS "totalCount", bytes,
      ${greatest('count(*)')} AS groups, ${greatest('max(widest)')} AS widest,
      CASE WHEN bytes <= ${parameters.add(maxBytes, 'float8')} THEN (SELECT jsonb_agg(row ORDER BY row_order) FROM chosen) END AS results
    FROM measured`;
}

/** The step before the first stage: the rows in the order of lists, with only the fields that the stages use. */
function sourceStep(
  context: CompileContext,
  entity: SearchEntity,
  where: Condition,
  { used, isWhole }: Pipeline,
): string {
  const source = searchSourceSql(context, entity, where);
  const fields = wireFieldsOf(entity);
  const names = Object.keys(fields).filter((name) => used.has(name) || (isWhole && fields[name]?.shown));
  const order = wireOrderSql(context, entity, [defaultOrder(entity)]);
  return `SELECT ${wireRowSql(context, entity, names)} AS row, row_number() OVER (ORDER BY ${order}) AS row_order
    FROM ${source.from} WHERE ${source.where}`;
}
