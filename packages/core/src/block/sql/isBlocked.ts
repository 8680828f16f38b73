import type { Sql, Statement } from '@muster/db';
import { hostnameKeySql } from '../../base/hostname.ts';

/** S5: whether a hostname is blocked in a domain, both given as SQL. */
export function isBlockedSql(domainId: string, hostname: string): string {
  return `EXISTS (
    SELECT FROM blocked_hostnames b WHERE b.domain_id = ${domainId} AND b.hostname_key = ${hostnameKeySql(hostname)})`;
}

const statement: Statement = {
  name: 'is_blocked',
  text: `SELECT ${isBlockedSql('$1::text', '$2::text')} AS "isBlocked"`,
};

/** S5: whether a hostname is blocked in a domain. */
export async function isBlocked(sql: Sql, domainId: string, hostname: string): Promise<boolean> {
  const [answer] = await sql.query<{ isBlocked: boolean }>(statement, [domainId, hostname]);
  return answer?.isBlocked ?? false;
}
