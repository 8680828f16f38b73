import { randomBytes } from 'node:crypto';
import type { Sql } from '@muster/db';
import type { Pool } from 'pg';
import {
  type PublishQuotas,
  type PublishTimes,
  publishReports,
  type ReportBatch,
} from '../../../packages/core/src/report/sql/publishReports.ts';
import type { ReportedPluginRow, ReportRow } from '../../../packages/core/src/report/sql/reportRow.ts';
import { BenchError } from '../benchError.ts';
import type { Report } from './report.ts';

/** Muster's default times. */
export const times: PublishTimes = {
  clockOffsetMs: 0,
  provisioningDeadlineMs: 600_000,
  missingReports: 3,
  missingMs: 60_000,
  duplicateQuietMs: 120_000,
};

/** Muster's default policy. */
export const attempts: ReportBatch['attempts'] = { restartBudget: 10, backoffMs: 30_000, longestBackoffMs: 3_600_000 };

/** Quotas that no bench reaches. */
export const quotas: PublishQuotas = {
  supervisorQuota: 100_000_000,
  newcomerQuota: 100_000_000,
  pluginQuota: 100_000_000,
};

const usualLeaseMs = 300_000;

/** The supervisor in the answer to a report. */
export interface PublishedSupervisor {
  readonly id: string;
  readonly state: string;
}

/** Stores one report by Muster's statement, through `pg` alone. */
export async function publishReport(sql: Sql, report: Report): Promise<PublishedSupervisor> {
  const [supervisor] = await publishTogether(sql, [report], usualLeaseMs);
  if (supervisor === undefined) throw new BenchError(`the report of ${report.hostname} got no answer`);
  return supervisor;
}

/** Stores reports of different supervisors in one statement. */
export async function publishTogether(
  sql: Sql,
  reports: readonly Report[],
  leaseMs: number,
): Promise<PublishedSupervisor[]> {
  const answers = await publishReports(sql, {
    reports: reports.map((report, index) => reportRow(report, index, leaseMs)),
    plugins: reports.flatMap(pluginRows),
    times,
    quotas,
    attempts,
  });
  return answers.map(({ status, supervisor }) => {
    if (supervisor === null) throw new BenchError(`expected a report to be accepted; it was ${status}`);
    return { id: String(supervisor.id), state: String(supervisor.state) };
  });
}

/** Runs SQL over `pg`, as core's statements need it. */
export function sqlOver(pool: Pool): Sql {
  return {
    query: async <Row extends object>(statement: Parameters<Sql['query']>[0], values: readonly unknown[] = []) => {
      const config = typeof statement === 'string' ? { text: statement } : statement;
      return (await pool.query<Row>({ ...config, values: [...values] })).rows;
    },
  };
}

function reportRow({ domainId, hostname, name }: Report, index: number, leaseMs: number): ReportRow {
  return {
    index,
    supervisorId: `supervisor-${randomBytes(6).toString('hex')}`,
    domainId,
    hostname,
    name,
    isPublic: null,
    labels: null,
    tags: null,
    secretDigest: null,
    salt: randomBytes(16).toString('hex'),
    actor: 'bench',
    bootId: null,
    sequence: null,
    hasPlugins: true,
    leaseMs,
    digest: null,
  };
}

function pluginRows({ plugins }: Report, index: number): ReportedPluginRow[] {
  return plugins.map(({ pluginId, version, state, endpoint }) => ({
    index,
    instanceId: `instance-${randomBytes(8).toString('hex')}`,
    pluginId,
    version,
    domainId: null,
    state,
    endpoint,
    endpoints: [endpoint],
    message: null,
    observedGeneration: null,
  }));
}
