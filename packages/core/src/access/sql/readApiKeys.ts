import type { Sql, Statement } from '@muster/db';
import type { Role } from '../viewer.ts';

/** The part of an API key that decides whether a request is let in, and as whom. */
export interface StoredApiKey {
  id: string;
  role: Role;
  domainId: string | null;
  secretHash: Uint8Array;
  expiresAt: Date | null;
  revokedAt: Date | null;
  /** A7: the only host that the key's owner speaks for. */
  hostname: string | null;
  /** A7: whether it is an enrollment key. */
  enrolls: boolean;
}

const statement: Statement = {
  name: 'read_api_keys',
  text: `
    SELECT id, role::text AS role, domain_id AS "domainId", secret_hash AS "secretHash",
      expires_at AS "expiresAt", revoked_at AS "revokedAt", hostname, max_newcomers IS NOT NULL AS enrolls
    FROM api_keys WHERE id = ANY($1::text[])`,
};

/** The keys with these ids; missing ones are left out. */
export function readApiKeys(sql: Sql, ids: readonly string[]): Promise<StoredApiKey[]> {
  return sql.query<StoredApiKey>(statement, [ids]);
}
