import type { Sql, Statement, SupervisorState } from '@muster/db';
import type { Scope } from '../../access/policy.ts';
import type { SupervisorRow } from '../../base/rows.ts';
import { stateChangeSet } from './flapping.ts';
import { withLeaseExpired } from './leaseCondition.ts';

/** The fields that an operator can set; an undefined field stays. */
export interface SupervisorPatch {
  name?: string | undefined;
  isPublic?: boolean | undefined;
  priority?: number | undefined;
  labels?: object | undefined;
  tags?: object | undefined;
}

/** A change of a supervisor by a command. */
export interface SupervisorChange {
  id: string;
  scope: Scope;
  /** The state that the change was decided for; nothing is written if the supervisor has another by now. */
  seen: { state: SupervisorState; registeredAt: Date | null };
  state: SupervisorState;
  /** Whether the change registers the supervisor. */
  registers: boolean;
  patch: SupervisorPatch;
  /** The length of a new lease from now; null leaves the lease as it is. */
  freshLeaseMs: number | null;
  /** L7: whether the new state hides that the lease ran out, so that a condition says it. Default false. */
  leaseRanOut?: boolean;
  clockOffsetMs: number;
  actor: string;
  reason: string;
}

const now = `(now() + $10::float8 * interval '1 millisecond')`;

const conditionsAfter = `CASE WHEN $12::boolean THEN ${withLeaseExpired(
  's.conditions',
  `coalesce((SELECT l.expires_at FROM leases l WHERE l.supervisor_id = s.id), ${now})`,
)} ELSE s.conditions END`;

const statement: Statement = {
  name: 'change_supervisor',
  text: `
WITH changed AS (
  UPDATE supervisors s SET
    ${stateChangeSet({ state: '$4::supervisor_state', now, conditions: conditionsAfter })},
    registered_at = CASE WHEN $5::boolean THEN now() ELSE s.registered_at END,
    name = coalesce($6::jsonb ->> 'name', s.name),
    is_public = coalesce(($6::jsonb ->> 'isPublic')::boolean, s.is_public),
    priority = coalesce(($6::jsonb ->> 'priority')::int, s.priority),
    labels = coalesce($6::jsonb -> 'labels', s.labels),
    tags = coalesce($6::jsonb -> 'tags', s.tags),
    operator_fields = ARRAY(
      SELECT DISTINCT field FROM unnest(s.operator_fields || ARRAY(SELECT jsonb_object_keys($6::jsonb))) AS field
      ORDER BY field),
    actor = $7::text,
    reason = $8::text
  WHERE s.id = $1::text AND s.state = $2::supervisor_state AND (s.registered_at IS NOT NULL) = $3::boolean
    AND ($11::text IS NULL OR s.domain_id = $11::text)
  RETURNING *
),
leased AS (
  INSERT INTO leases (supervisor_id, expires_at)
  SELECT id, now() + ($9::float8 + $10::float8) * interval '1 millisecond' FROM changed WHERE $9::float8 IS NOT NULL
  ON CONFLICT (supervisor_id) DO UPDATE SET expires_at = greatest(leases.expires_at, excluded.expires_at)
)
SELECT to_jsonb(changed) - 'secret_hash' AS row FROM changed`,
};

/** Writes a change; undefined where the supervisor has changed since it was decided. */
export async function changeSupervisor(sql: Sql, change: SupervisorChange): Promise<SupervisorRow | undefined> {
  const [answer] = await sql.query<{ row: SupervisorRow }>(statement, [
    change.id,
    change.seen.state,
    change.seen.registeredAt !== null,
    change.state,
    change.registers,
    JSON.stringify(change.patch),
    change.actor,
    change.reason,
    change.freshLeaseMs,
    change.clockOffsetMs,
    change.scope.domainId,
    change.leaseRanOut ?? false,
  ]);
  return answer?.row;
}
