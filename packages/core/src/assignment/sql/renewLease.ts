import { randomBytes } from 'node:crypto';
import type { Sql, Statement } from '@muster/db';
import { hostnameKeySql } from '../../base/hostname.ts';
import { isBlockedSql } from '../../block/sql/isBlocked.ts';
import { isWrongSecret } from '../../identity/sql/secret.ts';
import { supervisorLifecycle, supervisorReasons } from '../../supervisor/lifecycle.ts';
import { stateChangeSet } from '../../supervisor/sql/flapping.ts';
import { withoutLeaseExpired } from '../../supervisor/sql/leaseCondition.ts';

/**
 * Nothing is written for a blocked host or a wrong secret, nor where the fetch is to renew nothing. A supervisor that was
 * registered before it was seen comes by its first publish, not by a fetch (S2).
 */
const statement: Statement = {
  name: 'renew_lease',
  text: `
WITH moment AS (SELECT now() + $4::float8 * interval '1 millisecond' AS now),
block AS MATERIALIZED (SELECT ${isBlockedSql('$1::text', '$2::text')} AS "isBlocked"),
known AS MATERIALIZED (
  SELECT s.id, s.connected, s.awaits_first_publish, ${isWrongSecret('$10::text', '$11::bytea')} AS "isWrongSecret"
  FROM supervisors s WHERE s.domain_id = $1::text AND ${hostnameKeySql('s.hostname')} = ${hostnameKeySql('$2::text')}
),
alive AS MATERIALIZED (SELECT id, connected FROM known, block WHERE NOT "isWrongSecret" AND NOT "isBlocked"
  AND NOT awaits_first_publish AND $12::boolean),
revived AS (
  UPDATE supervisors s SET
    ${stateChangeSet({
      state: `CASE WHEN s.state <> 'DISCONNECTED' THEN s.state
      ELSE (CASE WHEN s.registered_at IS NULL THEN $5::text ELSE $6::text END)::supervisor_state END`,
      now: '(SELECT now FROM moment)',
      conditions: withoutLeaseExpired('s.conditions'),
    })},
    actor = $7::text,
    reason = '${supervisorReasons.publish}'
  FROM alive k
  WHERE s.id = k.id AND NOT k.connected AND NOT s.connected
),
renewed AS (
  UPDATE leases l SET
    expires_at = m.now + $3::float8 * interval '1 millisecond',
    last_seen_at = m.now,
    unpublished_lists = l.unpublished_lists + 1,
    unpublished_since = coalesce(l.unpublished_since, m.now)
  FROM alive k, moment m
  WHERE l.supervisor_id = k.id
  RETURNING l.unpublished_lists > $8::int
    AND l.unpublished_since <= m.now - $9::float8 * interval '1 millisecond' AS silent
)
SELECT k.id, b."isBlocked", k."isWrongSecret", coalesce((SELECT silent FROM renewed), false) AS "isSilent"
FROM block b LEFT JOIN known k ON true`,
};

/** An agent that fetches its list. */
export interface ListingAgent {
  domainId: string;
  hostname: string;
  /** S6: hex of sha256 of the secret; null where the agent brings none. */
  secretDigest: string | null;
  leaseMs: number;
  clockOffsetMs: number;
  actor: string;
  /** How many lists in a row without a publish, and over how long, make an agent silent. */
  silentLists: number;
  silentMs: number;
  /** L1: whether the fetch is a sign of life. */
  renews: boolean;
}

/** The supervisor whose list is fetched. */
export interface RenewedLease {
  id: string;
  /** S6: whether the secret was missing or another, so that nothing was renewed. */
  isWrongSecret: boolean;
  /** Whether the agent has fetched more lists in a row than allowed without a publish. */
  isSilent: boolean;
}

/**
 * L1: renews the lease of an agent that fetches its list; BLOCKED where its hostname is (S5), undefined where there is no
 * such supervisor.
 */
export async function renewLease(sql: Sql, agent: ListingAgent): Promise<RenewedLease | 'BLOCKED' | undefined> {
  const { DISCONNECTED_NEWCOMER, DISCONNECTED_REGISTERED } = supervisorLifecycle;
  const newcomer = DISCONNECTED_NEWCOMER.publish;
  const registered = DISCONNECTED_REGISTERED.publish;
  if (newcomer.kind !== 'become' || registered.kind !== 'become') throw new Error('the lifecycle has no way back');
  const [renewed] = await sql.query<{ isBlocked: boolean; id: string | null } & Omit<RenewedLease, 'id'>>(statement, [
    agent.domainId,
    agent.hostname,
    agent.leaseMs,
    agent.clockOffsetMs,
    newcomer.state,
    registered.state,
    agent.actor,
    agent.silentLists,
    agent.silentMs,
    agent.secretDigest,
    randomBytes(32),
    agent.renews,
  ]);
  if (renewed?.isBlocked) return 'BLOCKED';
  return renewed?.id == null ? undefined : { ...renewed, id: renewed.id };
}
