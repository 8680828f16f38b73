import { randomBytes } from 'node:crypto';
import { pluginLifecycle, reportedEvents, statesMissingMatters, statesWithDeadline } from '../../plugin/lifecycle.ts';
import { supervisorLifecycle } from '../../supervisor/lifecycle.ts';
import type { ReportedPluginRow, ReportRow } from './reportRow.ts';

/** The times by which a report is judged. */
export interface PublishTimes {
  clockOffsetMs: number;
  provisioningDeadlineMs: number;
  /** P6: in how many reports in a row a plugin must be missing to count as missing, and for how long. */
  missingReports: number;
  missingMs: number;
  /** S8: how long no two agents may have taken turns for the condition to go. */
  duplicateQuietMs: number;
}

/** Any number of reports, of different supervisors, for one statement. */
export interface ReportBatch {
  readonly reports: readonly ReportRow[];
  readonly plugins: readonly ReportedPluginRow[];
  readonly times: PublishTimes;
  /** How long the statement may wait for a row that another transaction holds. Default 0: until the row is free. */
  readonly lockWaitMs?: number;
}

/**
 * The statement's parameters by name. The lifecycles are parameters, made from the tables that the rest of the code reads.
 */
export const parameters = {
  reports: '$1::jsonb',
  plugins: '$2::jsonb',
  /** By situation, the outcome of a publish. */
  publishOutcomes: '$3::jsonb',
  pluginLifecycle: '$4::jsonb',
  clockOffsetMs: '$5::float8',
  reportedEvents: '$6::jsonb',
  /** S6: random bytes that blind a comparison of secrets. */
  nonce: '$7::bytea',
  statesWithDeadline: '$8::text[]::plugin_state[]',
  provisioningDeadlineMs: '$9::float8',
  missingReports: '$10::int',
  missingMs: '$11::float8',
  statesMissingMatters: '$12::text[]::plugin_state[]',
  duplicateQuietMs: '$13::float8',
  lockWaitMs: '$14::int',
} as const;

const publishOutcomes = JSON.stringify(
  Object.fromEntries(Object.entries(supervisorLifecycle).map(([situation, commands]) => [situation, commands.publish])),
);
const pluginOutcomes = JSON.stringify(pluginLifecycle);
const events = JSON.stringify(reportedEvents);

/** The values of the parameters, in their order. */
export function publishValues({ reports, plugins, times, lockWaitMs = 0 }: ReportBatch): readonly unknown[] {
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
  };
  return parameterNames.map((name) => values[name]);
}

const parameterNames = Object.keys(parameters) as (keyof typeof parameters)[];
