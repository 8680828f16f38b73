import type { Sql, Statement } from '@muster/db';
import { systemSubject } from '../../access/viewer.ts';

/** S13: the condition of a supervisor whose state changes again and again. */
const flapping = 'FLAPPING';

/** S13: the changes of state that a supervisor may have in the window without the condition. */
const mostChanges = 6;
const window = `interval '10 minutes'`;

const hasCondition = `s.conditions @> '[{"type": "${flapping}"}]'`;

/**
 * S13: the assignments of a change of a supervisor's state, for `UPDATE supervisors s SET`, with the conditions that go with
 * it. Each statement that changes a state has them.
 *
 * @param state SQL of the state after the change, which may be the same
 * @param now SQL of the time
 * @param conditions SQL of the conditions after the change, without regard to S13
 */
export function stateChangeSet({ state, now, conditions }: { state: string; now: string; conditions: string }): string {
  const changes = `(${state}) <> s.state`;
  return `state = ${state},
    state_changes = CASE WHEN ${changes} THEN (${now} || s.state_changes)[1:${mostChanges + 1}] ELSE s.state_changes END,
    conditions = (${conditions}) || CASE WHEN ${changes} AND NOT ${hasCondition}
        AND s.state_changes[${mostChanges}] >= ${now} - ${window}
      THEN jsonb_build_array(jsonb_build_object('type', '${flapping}', 'since', ${now},
        'message', 'its state changed more than ${mostChanges} times in 10 minutes'))
      ELSE '[]' END`;
}

/** Reads the partial index supervisors_flapping_idx. Safe on several replicas at once. */
const statement: Statement = {
  name: 'clear_flapping',
  text: `
WITH still AS MATERIALIZED (
  SELECT s.id FROM supervisors s
  WHERE ${hasCondition} AND coalesce(s.state_changes[1] <= now() + $1::float8 * interval '1 millisecond' - ${window}, true)
  FOR UPDATE SKIP LOCKED
)
UPDATE supervisors s SET
  conditions = jsonb_path_query_array(s.conditions, '$[*] ? (@.type != "${flapping}")'),
  actor = '${systemSubject}',
  reason = '${flapping}'
FROM still
WHERE s.id = still.id`,
};

/** S13: takes the condition off supervisors that have been still for as long as the window. */
export async function clearFlapping(sql: Sql, clockOffsetMs: number): Promise<void> {
  await sql.query(statement, [clockOffsetMs]);
}
