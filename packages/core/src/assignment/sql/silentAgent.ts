import type { Sql, Statement } from '@muster/db';
import { systemSubject } from '../../access/viewer.ts';
import { silenceReason } from '../../supervisor/lifecycle.ts';

/** The condition of a supervisor whose agent asks for its list and publishes nothing. */
export const agentSilent = 'AGENT_SILENT';

/**
 * Whether a plugin (`p`) is left out of its agent's list: for as long as the generation lasts that it was withheld in, and
 * never once it was reported, since an agent deletes what its list lacks.
 */
export const isWithheld = 'p.unreported AND p.withheld_generation = p.generation';

/** How many plugins a condition names. */
const named = 5;

const withhold: Statement = {
  name: 'withhold_plugin',
  text: `
WITH newest AS (
  SELECT p.id FROM plugins p
  WHERE p.supervisor_id = $1::text AND p.wanted AND p.unreported AND NOT (${isWithheld})
    -- What it was not offered yet can't be what fails.
    AND p.offered_generation = p.generation
  ORDER BY p.created_at DESC, p.plugin_id DESC, p.version DESC
  LIMIT 1
),
withheld AS (
  UPDATE plugins p SET withheld_generation = p.generation
  FROM newest n
  WHERE p.id = n.id AND p.unreported
  RETURNING p.id
)
UPDATE leases l SET unpublished_lists = 0, unpublished_since = NULL
FROM withheld
WHERE l.supervisor_id = $1::text`,
};

/**
 * Withholds the newest plugin that was never reported from a silent agent, which then has as many lists again to publish
 * after. Does nothing where there is no such plugin.
 */
export async function withholdPlugin(sql: Sql, supervisorId: string): Promise<void> {
  await sql.query(withhold, [supervisorId]);
}

const tell: Statement = {
  name: 'update_silent_condition',
  text: `
WITH withheld AS (
  SELECT count(*)::int AS many, (array_agg(p.plugin_id || ' ' || p.version ORDER BY p.created_at, p.id))[1:${named}] AS names
  FROM plugins p
  WHERE p.supervisor_id = $1::text AND p.wanted AND ${isWithheld}
),
judged AS (
  SELECT CASE
    WHEN w.many > 0 THEN format(
      'its agent asked for its list again and again and published nothing; %s withheld until the next attempt: %s%s',
      w.many, array_to_string(w.names, ', '), CASE WHEN w.many > ${named} THEN ', ...' ELSE '' END)
    WHEN $2::boolean THEN 'its agent asks for its list again and again and publishes nothing'
  END AS message
  FROM withheld w
),
carried AS (
  SELECT s.id, c.condition
  FROM supervisors s
  LEFT JOIN LATERAL (
    SELECT condition FROM jsonb_array_elements(s.conditions) AS condition
    WHERE condition ->> 'type' = '${agentSilent}') c ON true
  WHERE s.id = $1::text
)
UPDATE supervisors s SET
  conditions = (
    SELECT coalesce(jsonb_agg(other), '[]') FROM jsonb_array_elements(s.conditions) AS other
    WHERE other ->> 'type' <> '${agentSilent}')
    || CASE WHEN j.message IS NULL THEN '[]'::jsonb ELSE jsonb_build_array(jsonb_build_object(
      'type', '${agentSilent}',
      'since', coalesce(k.condition -> 'since', to_jsonb(now() + $3::float8 * interval '1 millisecond')),
      'message', j.message)) END,
  actor = '${systemSubject}',
  reason = '${silenceReason}'
FROM carried k, judged j
WHERE s.id = k.id AND k.condition ->> 'message' IS DISTINCT FROM j.message`,
};

/** Has a supervisor say that its agent is silent, or that plugins are withheld from it, or no longer say so. */
export async function updateSilentCondition(
  sql: Sql,
  supervisor: { id: string; isSilent: boolean; clockOffsetMs: number },
): Promise<void> {
  await sql.query(tell, [supervisor.id, supervisor.isSilent, supervisor.clockOffsetMs]);
}
