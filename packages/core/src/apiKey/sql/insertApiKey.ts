import type { Sql, Statement } from '@muster/db';
import type { Role } from '../../access/viewer.ts';
import type { JsonRow } from '../../base/rows.ts';

/** A key to store. */
export interface NewApiKey {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly domainId: string | null;
  readonly secretHash: Uint8Array;
  readonly createdBy: string;
  /** A8: the key by which it is made; null for none. */
  readonly madeByKey: string | null;
  readonly expiresAt: Date | null;
  /** A7: the only host that its owner speaks for; null for any. */
  readonly hostname: string | null;
  /** A7: what makes it an enrollment key; null for any other. */
  readonly enrollment: Enrollment | null;
}

/** A7: the newcomers that an enrollment key brings in. */
export interface Enrollment {
  readonly maxNewcomers: number;
  /** Labels that each gets. */
  readonly labels: object;
  /** Whether each is registered at once. */
  readonly registers: boolean;
  /** A8: when the key of each expires; null for never. */
  readonly keysExpireAt: Date | null;
}

/** A8: the domain's row is locked until the commit, and read as every earlier transaction left it. */
const statement: Statement = {
  name: 'insert_api_key',
  text: `
WITH usage AS (
  INSERT INTO domain_usage AS u (domain_id) VALUES (coalesce($4::text, '*'))
  ON CONFLICT (domain_id) DO UPDATE SET keys = u.keys
  RETURNING u.keys
)
INSERT INTO api_keys AS k (id, name, role, domain_id, secret_hash, created_by, made_by_key, expires_at, hostname,
  max_newcomers, newcomer_labels, registers_newcomers, newcomer_keys_expire_at)
SELECT $1::text, $2::text, $3::text::role, $4::text, $5::bytea, $6::text, $7::text, $8::timestamptz, $9::text,
  $10::int, $11::jsonb, $12::boolean, $13::timestamptz
FROM usage WHERE usage.keys < $14::int
RETURNING to_jsonb(k) - 'secret_hash' AS row`,
};

/** Counts only the keys that are valid; the domain's row is locked by the statement before. */
const recount: Statement = {
  name: 'recount_api_keys',
  text: `
UPDATE domain_usage u SET keys = (
  SELECT count(*)::int FROM api_keys k
  WHERE k.domain_id IS NOT DISTINCT FROM $1::text AND k.revoked_at IS NULL
    AND (k.expires_at IS NULL OR k.expires_at > now() + $2::float8 * interval '1 millisecond'))
WHERE u.domain_id = coalesce($1::text, '*')
RETURNING u.keys`,
};

/**
 * Stores a key, in a transaction; undefined where the domain has as many as it may have (A8). Expired keys are left out
 * of the count only where it matters.
 */
export async function insertApiKey(
  sql: Sql,
  key: NewApiKey,
  { quota, clockOffsetMs }: { quota: number; clockOffsetMs: number },
): Promise<JsonRow | undefined> {
  const values = [
    key.id,
    key.name,
    key.role,
    key.domainId,
    key.secretHash,
    key.createdBy,
    key.madeByKey,
    key.expiresAt,
    key.hostname,
    key.enrollment?.maxNewcomers ?? null,
    key.enrollment === null ? null : JSON.stringify(key.enrollment.labels),
    key.enrollment?.registers ?? false,
    key.enrollment?.keysExpireAt ?? null,
    quota,
  ];
  const [inserted] = await sql.query<{ row: JsonRow }>(statement, values);
  if (inserted) return inserted.row;
  const [counted] = await sql.query<{ keys: number }>(recount, [key.domainId, clockOffsetMs]);
  if (counted === undefined || counted.keys >= quota) return undefined;
  const [second] = await sql.query<{ row: JsonRow }>(statement, values);
  return second?.row;
}
