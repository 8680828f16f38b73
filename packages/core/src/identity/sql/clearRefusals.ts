import type { Sql, Statement } from '@muster/db';
import { systemSubject } from '../../access/viewer.ts';
import { identityRefused } from './recordRefusals.ts';

/** Reads the partial index supervisors_identity_refused_idx. Safe on several replicas at once. */
const statement: Statement = {
  name: 'clear_refusals',
  text: `
WITH quiet AS MATERIALIZED (
  SELECT s.id FROM supervisors s
  WHERE s.conditions @> '[{"type": "${identityRefused}"}]' AND NOT EXISTS (
    SELECT FROM jsonb_array_elements(s.conditions) AS c
    WHERE c ->> 'type' = '${identityRefused}'
      AND (c ->> 'lastAt')::timestamptz > now() + ($1::float8 - $2::float8) * interval '1 millisecond')
  FOR UPDATE SKIP LOCKED
)
UPDATE supervisors s SET
  conditions = (
    SELECT coalesce(jsonb_agg(other), '[]') FROM jsonb_array_elements(s.conditions) AS other
    WHERE other ->> 'type' <> '${identityRefused}'),
  actor = '${systemSubject}',
  reason = '${identityRefused}'
FROM quiet q
WHERE s.id = q.id`,
};

/** S9: takes the condition off supervisors in whose name nothing was refused for `quietMs`. */
export async function clearRefusals(sql: Sql, quietMs: number, clockOffsetMs: number): Promise<void> {
  await sql.query(statement, [clockOffsetMs, quietMs]);
}
