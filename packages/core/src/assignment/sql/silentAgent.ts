import type { Sql, Statement } from '@muster/db';
import { systemSubject } from '../../access/viewer.ts';
import { silenceReason } from '../../supervisor/lifecycle.ts';

/** The condition of a supervisor whose agent fetches its list again and again, and publishes nothing. */
export const agentSilent = 'AGENT_SILENT';

/**
 * Whether a plugin (`p`) is withheld from its agent's list. That ends with the generation in which it began. A plugin
 * that was ever reported is never withheld, since an agent deletes the plugins that its list lacks.
 */
export const isWithheld = 'p.unreported AND p.withheld_generation = p.generation';

/** The most plugins that a condition names. */
const named = 5;

const withhold: Statement = {
  name: 'withhold_plugin',
  text: `
WITH newest AS (
  SELECT p.id FROM plugins p
  WHERE p.supervisor_id = $1::text AND p.wanted AND p.unreported AND NOT (${isWithheld})
    -- A plugin that the agent was not shown yet can't be the failing one.
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
 * Withholds the newest unreported plugin from a silent agent, and counts its lists from 0 again. Does nothing where
 * there is no such plugin.
 */
export async function withholdPlugin(sql: Sql, supervisorId: string): Promise<void> {
  await sql.query(withhold, [supervisorId]);
}

const update: Statement = {
  name: 'update_silent_condition',
  text: `
WITH withheld AS (
  SELECT count(*)::int AS many, (array_agg(p.plugin_id || ' ' || p.version ORDER BY p.created_at, p.id))[1:${named}] AS names
  FROM plugins p
  WHERE p.supervisor_id = $1::text AND p.wanted AND ${isWithheld}
),
silence AS (
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
FROM carried k, silence j
WHERE s.id = k.id AND k.condition ->> 'message' IS DISTINCT FROM j.message`,
};

/**
 * Sets, changes or removes the condition AGENT_SILENT of a supervisor, by whether its agent is silent or plugins are
 * withheld.
 */
export async function updateSilentCondition(
  sql: Sql,
  supervisor: { id: string; isSilent: boolean; clockOffsetMs: number },
): Promise<void> {
  await sql.query(update, [supervisor.id, supervisor.isSilent, supervisor.clockOffsetMs]);
}
