import type { Sql, Statement } from '@muster/db';
import type { Scope } from '../../access/policy.ts';
import type { JsonRow } from '../../base/rows.ts';

const statement: Statement = {
  name: 'retire_release',
  text: `
UPDATE releases r SET retired_at = now(), retired_by = $2::text
WHERE r.id = $1::text AND r.retired_at IS NULL AND ($3::text IS NULL OR r.domain_id = $3::text)
RETURNING to_jsonb(r) AS row`,
};

/** A retirement. A scope of one domain reaches no public release. */
interface Retirement {
  readonly id: string;
  readonly scope: Scope;
  readonly actor: string;
}

/** Retires a release; undefined where it was retired before. */
export async function retireRelease(sql: Sql, { id, scope, actor }: Retirement): Promise<JsonRow | undefined> {
  const [retired] = await sql.query<{ row: JsonRow }>(statement, [id, actor, scope.domainId]);
  return retired?.row;
}
