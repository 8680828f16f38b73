import type { Sql, Statement } from '@muster/db';
import type { Scope } from '../../access/policy.ts';

/** Reads made keys by the index on (made_by_key, created_at, id). */
const statement: Statement = {
  name: 'revoke_api_keys',
  text: `
WITH RECURSIVE ended AS (
  SELECT k.id FROM api_keys k
  WHERE k.id = $1::text AND ($2::text IS NULL OR k.domain_id = $2::text) AND ($3::boolean OR k.role <> 'ADMIN')
  UNION
  SELECT m.id FROM api_keys m JOIN ended e ON m.made_by_key = e.id
  WHERE $4::boolean AND ($2::text IS NULL OR m.domain_id = $2::text)
),
revoked AS (
  UPDATE api_keys k SET revoked_at = now() + $6::float8 * interval '1 millisecond', revoked_by = $5::text
  WHERE k.id IN (SELECT id FROM ended) AND k.revoked_at IS NULL
  RETURNING k.id
)
SELECT count(*) FILTER (WHERE r.id <> $1::text)::int AS "madeKeys", EXISTS (SELECT FROM ended) AS "isKnown"
FROM revoked r`,
};

/** The key to revoke. */
export interface Revocation {
  readonly id: string;
  readonly scope: Scope;
  /** Whether the key may be an ADMIN's. */
  readonly mayBeAdmins: boolean;
  /** A8: whether the keys that it made, and those that these made, end too. */
  readonly cascade: boolean;
  readonly actor: string;
  readonly clockOffsetMs: number;
}

/** Revokes a key; returns how many others ended with it, or undefined where the scope has no such key. */
export async function revokeApiKeys(sql: Sql, revocation: Revocation): Promise<number | undefined> {
  const { id, scope, mayBeAdmins, cascade, actor, clockOffsetMs } = revocation;
  const values = [id, scope.domainId, mayBeAdmins, cascade, actor, clockOffsetMs];
  const [answer] = await sql.query<{ madeKeys: number; isKnown: boolean }>(statement, values);
  return answer?.isKnown ? answer.madeKeys : undefined;
}
