import type { Sql, Statement } from '@muster/db';
import type { PluginRow } from '../../base/rows.ts';
import { pluginReasons } from '../../plugin/lifecycle.ts';
import { agentSilent, isWithheld } from './silence.ts';

/**
 * P3, P5: an agent reinstalls whatever it is shown as RE_PROVISIONING or ERROR, each time that it is. So an attempt is
 * shown as one once, and what waits for the next attempt is shown as being at work. That the list had a generation is
 * recorded of the generation that it had: a recover that comes between makes another, which it did not have. What was
 * never reported comes last, the newest at the end: an agent that installs one after the other and stops where one
 * fails has not come as far as to the newest.
 */
const statement: Statement = {
  name: 'offer_plugins',
  text: `
WITH listed AS MATERIALIZED (
  SELECT p.* FROM plugins p WHERE p.supervisor_id = $1::text AND p.wanted AND NOT (${isWithheld})
),
recorded AS (
  UPDATE plugins p SET offered_generation = p.generation
  FROM listed l
  WHERE $2::boolean AND p.id = l.id AND p.generation = l.generation AND p.offered_generation <> l.generation
)
SELECT s.id IS NOT NULL AS "isKnown", log.seq,
  s.conditions @> '[{"type": "${agentSilent}"}]' AS "saysSilent",
  coalesce((
    SELECT jsonb_agg(
      to_jsonb(l) || jsonb_build_object('state', CASE
        WHEN l.state = 'RE_PROVISIONING' AND l.offered_generation = l.generation THEN 'PROVISIONING'
        WHEN l.state = 'ERROR' AND l.reason = '${pluginReasons.deadlineExceeded}' THEN 'PROVISIONING'
        ELSE l.state::text
      END)
      ORDER BY l.unreported, CASE WHEN l.unreported THEN l.created_at END, l.plugin_id, l.version)
    FROM listed l), '[]') AS rows
FROM (SELECT greatest(trimmed_through, (SELECT max(seq) FROM events)) AS seq FROM event_log) log
LEFT JOIN supervisors s ON s.id = $1::text`,
};

export interface Offer {
  /** The newest event that the list reflects. */
  seq: number;
  rows: PluginRow[];
  /** Whether the supervisor carries the condition AGENT_SILENT. */
  saysSilent: boolean;
}

/**
 * What a supervisor is to run, in the states that its agent is to be shown; undefined where there is no such supervisor.
 *
 * @param records whether the agent itself asked, and so will know what it is told.
 */
export async function readOffer(sql: Sql, supervisorId: string, records: boolean): Promise<Offer | undefined> {
  const [answer] = await sql.query<Offer & { isKnown: boolean }>(statement, [supervisorId, records]);
  if (!answer?.isKnown) return undefined;
  const { seq, rows, saysSilent } = answer;
  return { seq, rows, saysSilent };
}
