import type { Sql, Statement } from '@muster/db';

/** Events of which the deployments take no notice yet. */
export interface DeploymentProgress {
  /** Through which event the deployments have been reconciled. */
  readonly seq: number;
  /** The last event. */
  readonly headSeq: number;
  /** Whether the events between say all that has changed: fewer than `most`, none of them trimmed, and none lost. */
  readonly isComplete: boolean;
  /** Whether there are any deployments. */
  readonly hasDeployments: boolean;
}

const statement: Statement = {
  name: 'read_deployment_progress',
  text: `
SELECT p.seq::float8 AS seq, h.head::float8 AS "headSeq",
  p.seq > 0 AND p.seq >= l.trimmed_through AND p.seq <= h.head AND h.head - p.seq < $1::int AS "isComplete",
  EXISTS (SELECT FROM deployments) AS "hasDeployments"
FROM deployment_progress p, event_log l,
  (SELECT greatest(e.trimmed_through, (SELECT max(seq) FROM events)) AS head FROM event_log e) h`,
};

/** How far the deployments have been reconciled. */
export async function readProgress(sql: Sql, mostEvents: number): Promise<DeploymentProgress> {
  const [progress] = await sql.query<DeploymentProgress>(statement, [mostEvents]);
  if (!progress) throw new Error('the row of deployment_progress is gone');
  return progress;
}
