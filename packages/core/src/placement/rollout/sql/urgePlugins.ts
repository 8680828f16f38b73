import type { Sql, Statement } from '@muster/db';
import { type AttemptPolicy, nextAttemptAt } from '../../../plugin/sql/nextAttempt.ts';

// The budget does not matter here.
const policyParameters = { restartBudget: 'NULL', backoffMs: '$3::float8', longestBackoffMs: '$4::float8' };

/** The latest time of the next attempt: half of the time that is left stays for it. */
const midpoint = '(m.now + (t.deadline_at - m.now) / 2)';

const statement: Statement = {
  name: 'urge_plugins',
  text: `
UPDATE plugins p SET
  deadline_at = CASE WHEN p.deadline_at IS NOT NULL THEN t.deadline_at END,
  next_attempt_at = CASE WHEN p.state = 'ERROR' THEN least(coalesce(p.next_attempt_at, ${nextAttemptAt('m.now', policyParameters)}), ${midpoint})
    ELSE p.next_attempt_at END
FROM rollout_steps t
JOIN rollouts r ON r.id = t.rollout_id
CROSS JOIN (SELECT now() + $2::float8 * interval '1 millisecond' AS now) m
WHERE t.rollout_id = $1::text AND t.state IN ('INSTALLING', 'REVERTING') AND t.deadline_at > m.now
  AND p.supervisor_id = t.supervisor_id AND p.domain_id = r.domain_id AND p.plugin_id = r.plugin_id
  AND p.version = CASE t.state WHEN 'INSTALLING' THEN r.to_version ELSE r.from_version END
  AND p.managed AND p.wanted
  AND (p.deadline_at <> t.deadline_at
    OR (p.state = 'ERROR' AND (p.next_attempt_at IS NULL OR p.next_attempt_at > ${midpoint})))`,
};

/**
 * R1: gives the plugins of steps that are under way the deadline of their step, and has those in ERROR attempted again
 * within it: after P5's pause, or sooner, whatever is left of the restart budget.
 */
export async function urgePlugins(
  sql: Sql,
  rolloutId: string,
  { backoffMs, longestBackoffMs }: AttemptPolicy,
  clockOffsetMs: number,
): Promise<void> {
  await sql.query(statement, [rolloutId, clockOffsetMs, backoffMs, longestBackoffMs]);
}
