import { randomBytes } from 'node:crypto';
import { isForeignKeyViolation, type Sql, type Statement } from '@muster/db';
import type { SupervisorRow } from '../../base/rows.ts';
import { pluginLifecycle, reportedEvents, statesMissingMatters, statesWithDeadline } from '../../plugin/lifecycle.ts';
import type { AttemptPolicy } from '../../plugin/sql/nextAttempt.ts';
import { supervisorLifecycle } from '../../supervisor/lifecycle.ts';
import { absent, pluginsDeleted, pluginsMissed } from './absenceCtes.ts';
import { parameters } from './parameters.ts';
import { changing, ownPlugins, pluginsChanged, pluginsCreated, replacedEndpoints, reported } from './pluginCtes.ts';
import { appearing, arriving, fullDomains, newcomers, unknownPlugins, usage } from './quotaCtes.ts';
import { answers, moment, reportedPlugins, reports } from './reportCtes.ts';
import type { ReportedPluginRow, ReportRow } from './reportRow.ts';
import { settled } from './settled.ts';
import { accepted, changed, created, existing, renewed, reporters } from './supervisorCtes.ts';

/** The times by which a report is judged. */
export interface PublishTimes {
  clockOffsetMs: number;
  provisioningDeadlineMs: number;
  /** P6: in how many reports in a row a plugin must be missing to count as missing, and for how long. */
  missingReports: number;
  missingMs: number;
  /** S8: how long no agents may have taken turns for the condition to go. */
  duplicateQuietMs: number;
}

/** The quotas that a report may run into. */
export interface PublishQuotas {
  supervisorQuota: number;
  newcomerQuota: number;
  pluginQuota: number;
}

/** Any number of reports, of different supervisors, for one statement. */
export interface ReportBatch {
  readonly reports: readonly ReportRow[];
  readonly plugins: readonly ReportedPluginRow[];
  readonly times: PublishTimes;
  /** A8: how much a domain may have. */
  readonly quotas: PublishQuotas;
  readonly attempts: AttemptPolicy;
  /** How long the statement may wait for a row that another transaction holds. Default 0: until the row is free. */
  readonly lockWaitMs?: number;
}

/** The result of one report. */
export type PublishStatus =
  | 'ACCEPTED'
  /** S5: the hostname is blocked. */
  | 'BLOCKED'
  /** S6: the secret is missing or another one. */
  | 'WRONG_SECRET'
  /** A8. */
  | 'TOO_MANY_SUPERVISORS'
  | 'TOO_MANY_NEWCOMERS'
  /** Another statement created this supervisor at the same time: the report must be run again. */
  | 'RACED';

/** The answer to one report. */
export interface PublishAnswer {
  /** The index of the report. */
  index: number;
  status: PublishStatus;
  /** Null unless the report was accepted. */
  supervisor: SupervisorRow | null;
  /** P7: the plugins that got no row: for a quota (A8), or since the domain has none there (P9). Null for none. */
  refusedPlugins: readonly RefusedPlugin[] | null;
  /** L2: whether the report changed no plugin, and that was noted. */
  settled: boolean;
}

/** A reported plugin that got no row. */
interface RefusedPlugin {
  /** The instance id that the plugin would have got. */
  instanceId: string;
  /** P9: whether the report names another domain than the supervisor's. */
  isForeign: boolean;
}

/**
 * Takes any number of reports, of different supervisors, in one statement, which writes no row but the lease where
 * nothing changed (L1, L2). Outcomes are looked up in place and not joined, so that a change which commits between the
 * statement's start and its update is seen (P3); docs/placement.md, "A report", says why.
 */
export const publishStatement: Statement = {
  name: 'publish_reports',
  text: `
WITH ${[
    reports,
    reportedPlugins,
    moment,
    existing,
    ownPlugins,
    replacedEndpoints,
    accepted,
    newcomers,
    unknownPlugins,
    fullDomains,
    usage,
    arriving,
    appearing,
    created,
    changed,
    reporters,
    reported,
    changing,
    absent,
    settled,
    renewed,
    pluginsCreated,
    pluginsChanged,
    pluginsDeleted,
    pluginsMissed,
  ].join(',\n')}
${answers}`,
};

const publishOutcomes = JSON.stringify(
  Object.fromEntries(Object.entries(supervisorLifecycle).map(([situation, commands]) => [situation, commands.publish])),
);
const pluginOutcomes = JSON.stringify(pluginLifecycle);
const events = JSON.stringify(reportedEvents);

/** The values of the parameters, in their order. */
export function publishValues({
  reports,
  plugins,
  times,
  quotas,
  attempts,
  lockWaitMs = 0,
}: ReportBatch): readonly unknown[] {
  const values: Record<keyof typeof parameters, unknown> = {
    reports: JSON.stringify(reports),
    plugins: JSON.stringify(plugins),
    publishOutcomes,
    pluginLifecycle: pluginOutcomes,
    reportedEvents: events,
    nonce: randomBytes(32),
    statesWithDeadline,
    statesMissingMatters,
    lockWaitMs,
    ...times,
    ...quotas,
    ...attempts,
  };
  return parameterNames.map((name) => values[name]);
}

const parameterNames = Object.keys(parameters) as (keyof typeof parameters)[];

/**
 * Runs the statement. Answers each report, in no particular order.
 *
 * @throws an error for which `isLockNotAvailable` is true where `lockWaitMs` was too short; nothing was changed then.
 */
export async function publishReports(sql: Sql, batch: ReportBatch): Promise<PublishAnswer[]> {
  try {
    return await sql.query<PublishAnswer>(publishStatement, publishValues(batch));
  } catch (error) {
    // The supervisor was deregistered between the statement's start and its end; run again, the report makes a newcomer.
    const [report, ...others] = batch.reports;
    if (report && others.length === 0 && isForeignKeyViolation(error)) {
      return [{ index: report.index, status: 'RACED', supervisor: null, refusedPlugins: null, settled: false }];
    }
    throw error;
  }
}
