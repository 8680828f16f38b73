import { hash } from 'node:crypto';
import { pluginLifecycle, reportedEvents, statesMissingMatters } from '../plugin/lifecycle.ts';
import { publishStatement } from './sql/publishReports.ts';
import type { NewReportedPlugin } from './sql/reportRow.ts';

/** Characters of a digest: 132 bits. */
const digestLength = 22;

/**
 * Makes digests of what reports say of plugins. A digest covers the rules by which they are judged, too: a report that other
 * rules, or other settings, found to change nothing says nothing about these.
 */
export function createReportDigest(settings: {
  readonly restartBudget: number;
}): (plugins: readonly NewReportedPlugin[]) => string {
  const rules = JSON.stringify([
    publishStatement.text,
    pluginLifecycle,
    reportedEvents,
    statesMissingMatters,
    settings.restartBudget,
  ]);
  const prefix = hash('sha256', rules);
  return (plugins) => {
    // The id is one that a new row would get.
    const said = plugins.map((plugin) => ({ ...plugin, instanceId: undefined }));
    return hash('sha256', prefix + JSON.stringify(said), 'base64url').slice(0, digestLength);
  };
}
