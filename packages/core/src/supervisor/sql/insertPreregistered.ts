import type { Sql, Statement } from '@muster/db';
import type { SupervisorRow } from '../../base/rows.ts';
import type { SupervisorPatch } from './changeSupervisor.ts';

/** A supervisor to create before it is seen (S2). */
export interface Preregistered {
  readonly id: string;
  readonly domainId: string;
  readonly hostname: string;
  /** The fields that the operator sets. */
  readonly patch: SupervisorPatch;
  readonly state: string;
  readonly actor: string;
  readonly reason: string;
  /** A8: how many supervisors the domain may have. */
  readonly quota: number;
  readonly clockOffsetMs: number;
}

/**
 * A8: the domain's row is locked until the commit, and read as every earlier transaction left it. The lease has run out:
 * it says since when the supervisor is DISCONNECTED.
 */
const statement: Statement = {
  name: 'insert_preregistered',
  text: `
WITH usage AS (
  INSERT INTO domain_usage AS u (domain_id) VALUES ($2::text)
  ON CONFLICT (domain_id) DO UPDATE SET supervisors = u.supervisors
  RETURNING u.supervisors
),
created AS (
  INSERT INTO supervisors AS s (id, domain_id, hostname, name, state, is_public, priority, labels, tags, operator_fields,
    registered_at, awaits_first_publish, actor, reason)
  SELECT $1::text, $2::text, $3::text, coalesce($4::jsonb ->> 'name', $3::text), $5::supervisor_state,
    coalesce(($4::jsonb ->> 'isPublic')::boolean, false), coalesce(($4::jsonb ->> 'priority')::int, 0),
    coalesce($4::jsonb -> 'labels', '{}'), coalesce($4::jsonb -> 'tags', '{}'),
    ARRAY(SELECT field FROM jsonb_object_keys($4::jsonb) AS field ORDER BY field), now(), true, $6::text, $7::text
  FROM usage WHERE usage.supervisors < $8::int
  ON CONFLICT DO NOTHING
  RETURNING *
),
leased AS (
  INSERT INTO leases (supervisor_id, expires_at)
  SELECT id, now() + $9::float8 * interval '1 millisecond' FROM created
)
SELECT (SELECT to_jsonb(c) - 'secret_hash' FROM created c) AS row, usage.supervisors < $8::int AS fits FROM usage`,
};

/** Creates a supervisor before it is seen; LIMIT past the quota, KNOWN where the hostname is. */
export async function insertPreregistered(
  sql: Sql,
  supervisor: Preregistered,
): Promise<SupervisorRow | 'LIMIT' | 'KNOWN'> {
  const [answer] = await sql.query<{ row: SupervisorRow | null; fits: boolean }>(statement, [
    supervisor.id,
    supervisor.domainId,
    supervisor.hostname,
    JSON.stringify(supervisor.patch),
    supervisor.state,
    supervisor.actor,
    supervisor.reason,
    supervisor.quota,
    supervisor.clockOffsetMs,
  ]);
  if (answer?.row) return answer.row;
  return answer?.fits ? 'KNOWN' : 'LIMIT';
}
