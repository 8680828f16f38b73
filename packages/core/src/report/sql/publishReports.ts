import { isForeignKeyViolation, type Sql, type Statement } from '@muster/db';
import type { SupervisorRow } from '../../base/rows.ts';
import { absent, pluginsDeleted, pluginsMissed } from './absenceCtes.ts';
import { publishValues, type ReportBatch } from './parameters.ts';
import { changing, ownPlugins, pluginsChanged, pluginsCreated, replacedEndpoints, reported } from './pluginCtes.ts';
import { answers, moment, reportedPlugins, reports } from './reportCtes.ts';
import { accepted, changed, created, existing, renewed, reporters } from './supervisorCtes.ts';

/** The result of one report. */
export type PublishStatus =
  | 'ACCEPTED'
  /** S6: the secret is missing or another one. */
  | 'WRONG_SECRET'
  /** S7. */
  | 'MAY_NOT_MAKE_PUBLIC'
  /** Another statement created this supervisor at the same time: the report must be run again. */
  | 'RACED';

/** The answer to one report. */
export interface PublishAnswer {
  /** The index of the report. */
  index: number;
  status: PublishStatus;
  /** Null unless the report was accepted. */
  supervisor: SupervisorRow | null;
}

/**
 * Takes any number of reports, of different supervisors, in one statement, which writes no row but the lease where nothing
 * changed (L1, L2). Outcomes are looked up in place and not joined, so that a change which commits between the statement's
 * start and its update is seen (P3); docs/placement.md, "A report", says why.
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
    created,
    changed,
    reporters,
    renewed,
    reported,
    pluginsCreated,
    changing,
    pluginsChanged,
    absent,
    pluginsDeleted,
    pluginsMissed,
  ].join(',\n')}
${answers}`,
};

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
      return [{ index: report.index, status: 'RACED', supervisor: null }];
    }
    throw error;
  }
}
