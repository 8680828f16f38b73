import type { Sql, Statement } from '@muster/db';
import type { Enrollment } from '../../apiKey/sql/insertApiKey.ts';

/** Enrollments by one key take turns, so that no more newcomers come in than it allows. */
const lock: Statement = {
  name: 'lock_enrollment',
  text: `
SELECT k.max_newcomers AS "maxNewcomers", k.newcomers, k.newcomer_labels AS labels, k.registers_newcomers AS registers,
  k.newcomer_keys_expire_at AS "keysExpireAt"
FROM api_keys k
WHERE k.id = $1::text AND k.max_newcomers IS NOT NULL AND k.revoked_at IS NULL
FOR UPDATE`,
};

const count: Statement = {
  name: 'count_newcomer',
  text: 'UPDATE api_keys SET newcomers = newcomers + 1 WHERE id = $1::text',
};

/** The newcomers that an enrollment key allows, and how many it has brought in. */
export interface LockedEnrollment extends Enrollment {
  readonly newcomers: number;
}

/** Locks an enrollment key until the transaction ends; undefined where it was revoked. */
export async function lockEnrollment(sql: Sql, keyId: string): Promise<LockedEnrollment | undefined> {
  const [enrollment] = await sql.query<LockedEnrollment>(lock, [keyId]);
  return enrollment;
}

/** Counts one more newcomer of an enrollment key. */
export async function countNewcomer(sql: Sql, keyId: string): Promise<void> {
  await sql.query(count, [keyId]);
}
