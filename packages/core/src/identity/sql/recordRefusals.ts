import type { Sql, Statement } from '@muster/db';
import { systemSubject } from '../../access/viewer.ts';
import { hostnameKeySql } from '../../base/hostname.ts';

/** S9: the condition of a supervisor in whose name somebody asked who could not show to be it. */
export const identityRefused = 'IDENTITY_REFUSED';

/** The refusals of one identity since they were last recorded. */
export interface Refusals {
  readonly domainId: string;
  readonly hostname: string;
  readonly boundHostname: string | null;
  readonly cause: string;
  readonly address: string | null;
  readonly count: number;
  /** How long ago an event must be for the next one to be written. */
  readonly quietMs: number;
  readonly clockOffsetMs: number;
}

/** The condition keeps its count and the time of the last refusal as JSON, beside the words for people. */
const statement: Statement = {
  name: 'record_refusals',
  text: `
WITH moment AS (SELECT date_trunc('milliseconds', now() + $1::float8 * interval '1 millisecond') AS now),
target AS MATERIALIZED (
  SELECT s.id, (
    SELECT c FROM jsonb_array_elements(s.conditions) AS c WHERE c ->> 'type' = '${identityRefused}') AS carried
  FROM supervisors s
  WHERE s.domain_id = $2::text AND ${hostnameKeySql('s.hostname')} IN (${hostnameKeySql('$3::text')}, ${hostnameKeySql('$4::text')})
  ORDER BY ${hostnameKeySql('s.hostname')} <> ${hostnameKeySql('$3::text')}
  LIMIT 1
),
due AS (
  SELECT t.id, m.now, coalesce((t.carried ->> 'count')::int, 0) + $7::int AS count,
    coalesce(t.carried -> 'since', to_jsonb(m.now)) AS since
  FROM target t, moment m
  WHERE coalesce((t.carried ->> 'lastAt')::timestamptz <= m.now - $8::float8 * interval '1 millisecond', true)
),
written AS (
  UPDATE supervisors s SET
    conditions = (
      SELECT coalesce(jsonb_agg(other), '[]') FROM jsonb_array_elements(s.conditions) AS other
      WHERE other ->> 'type' <> '${identityRefused}')
      || jsonb_build_array(jsonb_build_object(
        'type', '${identityRefused}', 'since', d.since, 'count', d.count, 'lastAt', to_jsonb(d.now),
        'lastAddress', $6::text,
        'message', format('%s as %s %s refused; the last, for its %s, came from %s',
          CASE d.count WHEN 1 THEN '1 request' ELSE d.count || ' requests' END, $3::text,
          CASE d.count WHEN 1 THEN 'was' ELSE 'were' END, $5::text,
          coalesce($6::text, 'an unknown address')))),
    actor = '${systemSubject}',
    reason = '${identityRefused}'
  FROM due d
  WHERE s.id = d.id
  RETURNING s.id
)
SELECT CASE
  WHEN EXISTS (SELECT FROM written) THEN 'WRITTEN'
  WHEN EXISTS (SELECT FROM target) THEN 'TOO_EARLY'
  ELSE 'UNKNOWN' END AS outcome`,
};

/**
 * Adds refusals to the condition of the supervisor that they are about, or of the one that the credential is bound to.
 * UNKNOWN where there is neither; TOO_EARLY where another replica has written within `quietMs`.
 */
export async function recordRefusals(sql: Sql, refusals: Refusals): Promise<'WRITTEN' | 'TOO_EARLY' | 'UNKNOWN'> {
  const [answer] = await sql.query<{ outcome: 'WRITTEN' | 'TOO_EARLY' | 'UNKNOWN' }>(statement, [
    refusals.clockOffsetMs,
    refusals.domainId,
    refusals.hostname,
    refusals.boundHostname ?? refusals.hostname,
    refusals.cause,
    refusals.address,
    refusals.count,
    refusals.quietMs,
  ]);
  return answer?.outcome ?? 'UNKNOWN';
}
