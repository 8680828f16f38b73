import type { Sql, Statement } from '@muster/db';
import { systemSubject } from '../../../access/viewer.ts';

const statement: Statement = {
  name: 'adopt_plugins',
  text: `
UPDATE plugins SET deployment_id = $1::text, placement_labels = $3::jsonb, allow_public = $4::boolean, actor = '${systemSubject}'
WHERE id = ANY($2::text[]) AND managed AND wanted`,
};

/** C4: has a deployment keep plugins that are there already. */
export async function adoptPlugins(
  sql: Sql,
  deployment: { id: string; labels: unknown; allowPublic: boolean },
  pluginInstanceIds: readonly string[],
): Promise<void> {
  const { id, labels, allowPublic } = deployment;
  await sql.query(statement, [id, pluginInstanceIds, JSON.stringify(labels), allowPublic]);
}
