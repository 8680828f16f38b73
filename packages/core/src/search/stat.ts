import type { Viewer } from '../access/viewer.ts';
import { badUserInput, DomainError } from '../base/errors.ts';
import { type Core, type CoreInternals, internalsOf } from '../core.ts';
import { type CompileContext, createParameters } from '../query/context.ts';
import { maxCollected, maxGroups, type Step } from './groupSql.ts';
import { type PageInput, pageOf } from './input.ts';
import { keyOf } from './keys.ts';
import { readRequest, type SearchRequest } from './request.ts';
import { sourceSql, wireOrderSql, wireRowSql } from './rowSql.ts';
import { stageSteps } from './stageSql.ts';
import { type Pipeline, readPipeline } from './stages.ts';
import { defaultOrder, type SearchEntity, wireFieldsOf } from './wireFields.ts';

/** Results that may come at once where no page is asked for. */
const maxResults = 10_000;
/** Bytes of all results as JSON. */
const maxBytes = 16 * 1024 * 1024;

/** Statistics as the wire answers them: the message's Struct. */
export interface Statistics {
  readonly results: readonly unknown[];
  /** How many there are in all; there only where `page.limit` is above 0. */
  readonly total_count?: number;
}

/**
 * Statistics of supervisors by a `SupervisorStatQuery` as JSON: `{query, domain_id}`, where the query has `aggregate`
 * or `distinct` (query.md). Bounded: 20 stages, 10,000 groups a stage, 1,000 values a `push`, `add_to_set` or
 * `merge_objects`, `limits.wirePageSize` results a page or 10,000 without one, 16 MiB, and `limits.statisticsMs`.
 *
 * @throws DomainError BAD_USER_INPUT that names the offending stage, FORBIDDEN (A1, A2), or TOO_COMPLEX for what
 *   would take or give too much
 */
export function statSupervisors(core: Core, viewer: Viewer, request: unknown): Promise<Statistics> {
  return stat(internalsOf(core), viewer, 'supervisor', request);
}

/** As `statSupervisors`, of plugins. */
export function statPlugins(core: Core, viewer: Viewer, request: unknown): Promise<Statistics> {
  return stat(internalsOf(core), viewer, 'plugin', request);
}

const queryFields = ['filter', 'filter_or', 'keyword', 'aggregate', 'distinct', 'page'];

async function stat(core: CoreInternals, viewer: Viewer, entity: SearchEntity, request: unknown): Promise<Statistics> {
  const read = await readRequest(core, viewer, entity, request, ['domain_id'], queryFields);
  const pipeline = readPipeline(entity, read.query, ['query']);
  const page = pageOf(read.query.page, core.settings.limits.wirePageSize, ['query', 'page']);
  const parameters = createParameters();
  const text = statSql({ parameters, scope: read.scope }, read, pipeline, page);
  const found = await runBounded(core, text, parameters.values);
  refuseTooMuch(found, page);
  return { results: found.results ?? [], ...(page.limit === null ? {} : { total_count: found.totalCount }) };
}

interface StatRow {
  totalCount: number;
  bytes: number;
  groups: number;
  widest: number;
  results: unknown[] | null;
}

function statSql(
  context: CompileContext,
  { context: { entity }, where }: SearchRequest,
  pipeline: Pipeline,
  page: PageInput,
): string {
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
  const greatest = (what: string) =>
    `greatest(${['0', ...grouped.map((name) => `(SELECT ${what} FROM ${name})`)]})::int`;
  return `
    WITH ${steps.map(({ name, body }) => `${name} AS (${body})`).join(', ')},
    chosen AS MATERIALIZED (SELECT row, place FROM ${last} ORDER BY place LIMIT ${limit} OFFSET ${offset}),
    measured AS (SELECT coalesce(sum(octet_length(row::text)), 0)::float8 AS bytes FROM chosen)
    SELECT (SELECT count(*)::int FROM ${last}) AS "totalCount", bytes,
      ${greatest('count(*)')} AS groups, ${greatest('max(widest)')} AS widest,
      CASE WHEN bytes <= ${maxBytes} THEN (SELECT jsonb_agg(row ORDER BY place) FROM chosen) END AS results
    FROM measured`;
}

/** The rows that the first stage takes, in the order of lists, with no more fields than the stages use. */
function sourceStep(
  context: CompileContext,
  entity: SearchEntity,
  where: SearchRequest['where'],
  { used, isWhole }: Pipeline,
): string {
  const source = sourceSql(context, entity, where);
  const fields = wireFieldsOf(entity);
  const names = Object.keys(fields).filter((name) => used.has(name) || (isWhole && fields[name]?.shown));
  const order = wireOrderSql(context, entity, [{ key: keyOf(entity, defaultOrder[entity], []), desc: false }]);
  return `SELECT ${wireRowSql(context, entity, names)} AS row, row_number() OVER (ORDER BY ${order}) AS place
    FROM ${source.from} WHERE ${source.where}`;
}

/** Runs a statement within its time, where the database can be interrupted. */
async function runBounded(core: CoreInternals, text: string, values: readonly unknown[]): Promise<StatRow> {
  const { statisticsMs } = core.settings.limits;
  try {
    const [row] =
      core.db.kind === 'pglite'
        ? await core.db.sql.query<StatRow>(text, values)
        : await core.db.transaction(async (sql) => {
            await sql.query(`SELECT set_config('statement_timeout', $1::text, TRUE)`, [String(statisticsMs)]);
            return sql.query<StatRow>(text, values);
          });
    if (!row) throw new Error('statistics gave no row');
    return row;
  } catch (error) {
    throw isOverLimit(error) ? tooComplex(`at most ${statisticsMs} ms and what the database can hold`) : error;
  }
}

/** PostgreSQL's query_canceled, and its class of limits that a program exceeds. */
function isOverLimit(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return code === '57014' || code.startsWith('54');
}

function tooComplex(most: string): DomainError {
  return new DomainError(
    'TOO_COMPLEX',
    `query: expected statistics that take ${most}; narrow the filter, group by fewer keys or ask for a page`,
  );
}

function refuseTooMuch({ groups, widest, bytes, totalCount }: StatRow, page: PageInput): void {
  if (groups > maxGroups) throw tooComplex(`at most ${maxGroups} groups in each stage`);
  if (widest > maxCollected)
    throw tooComplex(`at most ${maxCollected} values in each push, add_to_set or merge_objects`);
  if (page.limit === null && totalCount - page.offset > maxResults) {
    throw badUserInput(['query', 'page', 'limit'], `expected a limit, since there are ${totalCount} results; got none`);
  }
  if (bytes > maxBytes) throw tooComplex(`at most ${maxBytes} bytes of results`);
}
