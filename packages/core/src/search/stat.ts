import { isPastDatabaseLimit, isStatementCancelled } from '@muster/db';
import type { Viewer } from '../access/viewer.ts';
import { AnswerTooLargeError, badUserInput, DomainError } from '../base/errors.ts';
import { type Core, type CoreInternals, internalsOf } from '../core.ts';
import { createParameters } from '../query/context.ts';
import { maxCollected, maxGroups } from './groupSql.ts';
import { type PageInput, parsePage } from './parseInput.ts';
import { parsePipeline } from './pipeline.ts';
import { readRequest } from './request.ts';
import { maxResults, type StatRow, statSql } from './statSql.ts';
import type { SearchEntity } from './wireFields.ts';

/** The answer to a statistics query: the message's Struct. */
export interface Statistics {
  readonly results: readonly unknown[];
  /** The number of all results; present only where `page.limit` is above 0. */
  readonly total_count?: number;
}

/**
 * Statistics of supervisors by a `SupervisorStatQuery` as JSON: `{query, domain_id}`, where the query has `aggregate`
 * or `distinct` (query.md). Bounded: 20 stages, 10,000 groups a stage, 1,000 values a `push`, `add_to_set` or
 * `merge_objects`, `limits.wirePageSize` results a page or 10,000 without one, `limits.answerBytes` (W3), and `limits.statisticsMs`.
 *
 * @throws DomainError BAD_USER_INPUT that names the offending stage, FORBIDDEN (A1, A2), or TOO_COMPLEX for what
 *   would take or give too much
 */
export function statSupervisors(core: Core, viewer: Viewer, request: unknown): Promise<Statistics> {
  return stat(internalsOf(core), viewer, 'supervisor', request);
}

/** Statistics of plugins, as `statSupervisors` has them of supervisors. */
export function statPlugins(core: Core, viewer: Viewer, request: unknown): Promise<Statistics> {
  return stat(internalsOf(core), viewer, 'plugin', request);
}

const queryFields = ['filter', 'filter_or', 'keyword', 'aggregate', 'distinct', 'page'];

async function stat(core: CoreInternals, viewer: Viewer, entity: SearchEntity, request: unknown): Promise<Statistics> {
  const read = await readRequest(core, viewer, request, { entity, fields: ['domain_id'], queryFields });
  const pipeline = parsePipeline(read.context, read.query, ['query']);
  const page = parsePage(read.query.page, core.settings.limits.wirePageSize, ['query', 'page']);
  const parameters = createParameters();
  const { answerBytes } = core.settings.limits;
  const query = { entity, where: read.where, pipeline, page, maxBytes: answerBytes };
  const found = await runBounded(core, statSql({ parameters, scope: read.scope }, query), parameters.values);
  refuseTooMuch(found, page);
  if (found.bytes > answerBytes) {
    throw new AnswerTooLargeError(viewer, { maxBytes: answerBytes, bytes: found.bytes });
  }
  return { results: found.results ?? [], ...(page.limit === null ? {} : { total_count: found.totalCount }) };
}

/** Runs a statement within `limits.statisticsMs`, where the database can interrupt it: PGlite can't. */
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
    if (!isStatementCancelled(error) && !isPastDatabaseLimit(error)) throw error;
    throw tooComplex(`at most ${statisticsMs} ms and what the database can hold`);
  }
}

function tooComplex(most: string): DomainError {
  return new DomainError(
    'TOO_COMPLEX',
    `query: expected statistics that take ${most}; narrow the filter, group by fewer keys or ask for a page`,
  );
}

function refuseTooMuch({ groups, widest, totalCount }: StatRow, page: PageInput): void {
  if (groups > maxGroups) throw tooComplex(`at most ${maxGroups} groups in each stage`);
  if (widest > maxCollected)
    throw tooComplex(`at most ${maxCollected} values in each push, add_to_set or merge_objects`);
  if (page.limit === null && totalCount - page.offset > maxResults) {
    throw badUserInput(['query', 'page', 'limit'], `expected a limit, since there are ${totalCount} results; got none`);
  }
}
