import type { SupervisorState } from '@muster/db';
import type { TestCore } from '../testCore.ts';

/** A supervisor as its row and its lease say. */
interface SeenSupervisor {
  readonly id: string;
  readonly hostname: string;
  readonly state: SupervisorState;
  readonly registered: boolean;
  readonly silent: boolean;
  readonly connected: boolean;
  /** When the lease ends, in milliseconds since 1970. */
  readonly leaseEndMs: number;
}

/** The rows of one domain. */
export interface LivenessSight {
  readonly domainId: string;
  readonly supervisors: readonly SeenSupervisor[];
  /** The types of the domain's conditions. */
  readonly conditions: readonly string[];
  /** The events since the last look: what changed of a state or of silence, as the model names it. */
  readonly events: readonly string[];
}

const statement = {
  name: 'see_liveness',
  text: `
WITH news AS MATERIALIZED (
  SELECT domain_id, seq, row ->> 'hostname' AS hostname, "from", "to", changes -> 'connected' AS connected
  FROM events WHERE seq > $2::bigint
)
SELECT d.id AS "domainId",
  coalesce((
    SELECT jsonb_agg(jsonb_build_object(
      'id', s.id, 'hostname', s.hostname, 'state', s.state, 'registered', s.registered_at IS NOT NULL,
      'silent', s.conditions @> '[{"type": "LEASE_EXPIRED"}]', 'connected', s.connected,
      'leaseEndMs', extract(epoch FROM l.expires_at) * 1000) ORDER BY s.hostname)
    FROM supervisors s LEFT JOIN leases l ON l.supervisor_id = s.id WHERE s.domain_id = d.id), '[]') AS supervisors,
  coalesce((SELECT jsonb_agg(c.type) FROM domain_conditions c WHERE c.domain_id = d.id), '[]') AS conditions,
  coalesce((
    SELECT jsonb_agg(CASE WHEN n."from" IS NOT NULL THEN concat(n.hostname, ' ', n."from", '>', n."to")
      ELSE concat(n.hostname, CASE WHEN (n.connected ->> 'to')::boolean THEN ' heard' ELSE ' silent' END) END)
    FROM news n WHERE n.domain_id = d.id AND (n."from" IS NOT NULL OR n.connected IS NOT NULL)), '[]') AS events,
  (SELECT max(seq) FROM news) AS "lastSeq"
FROM unnest($1::text[]) d(id)`,
};

/** Returns how to see domains, all by one statement: their rows, and the events since that was last called. */
export function livenessEye(t: TestCore): (domainIds: readonly string[]) => Promise<LivenessSight[]> {
  let lastSeq = 0;
  return async (domainIds) => {
    const rows = await t.db.sql.query<LivenessSight & { lastSeq: number | null }>(statement, [domainIds, lastSeq]);
    lastSeq = rows[0]?.lastSeq ?? lastSeq;
    return rows;
  };
}
