import type { Sql, Statement } from '@muster/db';
import { hostnameKeySql } from '../../base/hostname.ts';

/** Locks the row, so that no other first publish comes between. */
const statement: Statement = {
  name: 'find_awaited',
  text: `
SELECT s.id FROM supervisors s
WHERE s.domain_id = $1::text AND ${hostnameKeySql('s.hostname')} = ${hostnameKeySql('$2::text')} AND s.awaits_first_publish
FOR NO KEY UPDATE`,
};

/** The id of the supervisor with this hostname that was registered and not seen yet (S2); undefined for none. */
export async function findAwaited(sql: Sql, domainId: string, hostname: string): Promise<string | undefined> {
  const [found] = await sql.query<{ id: string }>(statement, [domainId, hostname]);
  return found?.id;
}
