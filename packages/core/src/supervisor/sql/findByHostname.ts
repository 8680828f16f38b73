import type { Sql, Statement } from '@muster/db';
import { hostnameKeySql } from '../../base/hostname.ts';

const statement: Statement = {
  name: 'find_by_hostname',
  text: `
SELECT s.id, s.domain_id AS "domainId", s.hostname FROM supervisors s
WHERE s.domain_id = $1::text AND ${hostnameKeySql('s.hostname')} = ${hostnameKeySql('$2::text')}`,
};

/** The identity of a supervisor. */
export interface SupervisorIdentity {
  id: string;
  domainId: string;
  /** As it was first given. */
  hostname: string;
}

/** The supervisor of a domain with this hostname (S10); undefined where there is none. */
export async function findByHostname(
  sql: Sql,
  domainId: string,
  hostname: string,
): Promise<SupervisorIdentity | undefined> {
  const [found] = await sql.query<SupervisorIdentity>(statement, [domainId, hostname]);
  return found;
}
