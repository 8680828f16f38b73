import type { Sql, Statement } from '@muster/db';
import type { PluginRow } from '../../base/rows.ts';
import { isBlockedSql } from '../../block/sql/isBlocked.ts';
import type { LogBounds } from '../../event/cursor.ts';
import { inRecovery, logSql } from '../../event/sql/logSql.ts';
import { effectiveReleaseSql } from '../../release/sql/effectiveRelease.ts';
import { agentSilent, isWithheld } from './silentAgent.ts';

/**
 * P3: an agent without generations reports about the list that it fetched last, so each plugin's generation is kept.
 */
const recorded = `,
recorded AS (
  UPDATE plugins p SET offered_generation = p.generation
  FROM listed l
  -- A recover that commits meanwhile makes a generation that this list does not have.
  WHERE p.id = l.id AND p.generation = l.generation AND p.offered_generation <> l.generation
)`;

/** C1: the spec of each plugin's release. */
const plugin = { domainId: 'l.domain_id', pluginId: 'l.plugin_id', version: 'l.version' };
const spec = `, 'spec', (${effectiveReleaseSql(plugin, 'r.spec')})`;

/** Which states are shown, and the order of the list: see docs/placement.md, "An agent's list". */
const assignments = (name: string, furtherCtes: string, furtherFields: string): Statement => ({
  name,
  text: `
WITH listed AS MATERIALIZED (
  SELECT p.* FROM plugins p WHERE p.supervisor_id = $1::text AND p.wanted AND NOT (${isWithheld})
)${furtherCtes}
SELECT s.id IS NOT NULL AS "isKnown", to_jsonb(log) AS log, s.hostname, ${isBlockedSql('s.domain_id', 's.hostname')} AS "isBlocked",
  s.conditions @> '[{"type": "${agentSilent}"}]' AS "hasSilentCondition",
  coalesce((
    SELECT jsonb_agg(
      to_jsonb(l) || jsonb_build_object('state', CASE
        WHEN l.state = 'RE_PROVISIONING' AND l.offered_generation = l.generation THEN 'PROVISIONING'
        WHEN l.state = 'ERROR' THEN 'PROVISIONING'
        ELSE l.state::text
      END${furtherFields})
      ORDER BY l.unreported, CASE WHEN l.unreported THEN l.created_at END, l.plugin_id, l.version)
    FROM listed l), '[]') AS rows
FROM (${logSql}) log
LEFT JOIN supervisors s ON s.id = $1::text`,
});

const readStatements = {
  plain: assignments('read_assignments', '', ''),
  withSpecs: assignments('read_assignments_with_specs', '', spec),
};
const recordStatements = {
  plain: assignments('record_and_read_assignments', recorded, ''),
  withSpecs: assignments('record_and_read_assignments_with_specs', recorded, spec),
};

/** Whether plugins come with the specs of their releases (C1), which existing agents know nothing of. */
export type AssignmentForm = keyof typeof readStatements;

/** A supervisor's whole list at one moment. */
export interface AssignmentList {
  /** The log whose newest event is the newest that the list reflects. */
  log: LogBounds;
  hostname: string;
  /** S5: whether the hostname is blocked. */
  isBlocked: boolean;
  /** The plugins in the states that the agent is shown, and with `spec` if asked for. */
  rows: PluginRow[];
  /** Whether the supervisor carries the condition AGENT_SILENT. */
  hasSilentCondition: boolean;
}

/** The plugins that a supervisor is to run, as its agent is shown them; undefined where there is no such supervisor. */
export function readAssignments(
  sql: Sql,
  supervisorId: string,
  form: AssignmentForm,
): Promise<AssignmentList | undefined> {
  return read(sql, readStatements[form], supervisorId);
}

/** As `readAssignments`, for the agent itself: records which generations the agent was shown (P3). */
export function recordAndReadAssignments(
  sql: Sql,
  supervisorId: string,
  form: AssignmentForm,
): Promise<AssignmentList | undefined> {
  return read(sql, recordStatements[form], supervisorId);
}

async function read(sql: Sql, statement: Statement, supervisorId: string): Promise<AssignmentList | undefined> {
  const [answer] = await sql.query<AssignmentList & { isKnown: boolean }>(statement, [supervisorId]);
  // An agent deletes all plugins that its list lacks, and an empty list lacks all.
  if (!answer) throw inRecovery();
  if (!answer.isKnown) return undefined;
  const { isKnown: _, ...list } = answer;
  return list;
}
