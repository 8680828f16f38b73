import type { Rollout, Sql, Statement } from '@muster/db';
import { fieldsFromRow, type JsonRow } from '../../../base/rows.ts';
import { isReplaced, isReplacement } from '../../sql/relocation.ts';
import type { RolloutSituation } from '../rolloutSituation.ts';

const statement: Statement = {
  name: 'lock_rollout',
  text: `
SELECT to_jsonb(r) AS row,
  jsonb_build_object(
    'isPromoted', r.promoted_at IS NOT NULL,
    'isPromotionDue',
      coalesce(r.promotable_since + r.auto_promote_seconds * interval '1 second' <= m.now, false),
    'isOverdue', r.deadline_at <= m.now,
    'isRollbackOverdue', coalesce(r.rollback_deadline_at <= m.now, false),
    'awaitsRelocations', EXISTS (
      SELECT FROM plugins p
      JOIN supervisors s ON s.id = p.supervisor_id
      WHERE p.domain_id = r.domain_id AND p.plugin_id = r.plugin_id AND p.version = r.from_version
        AND p.managed AND p.wanted AND p.deployment_id IS NOT DISTINCT FROM r.deployment_id
        AND s.labels @> r.labels AND (${isReplacement} OR ${isReplaced})),
    'isHeld', EXISTS (SELECT FROM deployments d WHERE d.id = r.deployment_id AND d.is_paused)) AS clock
FROM rollouts r, (SELECT now() + $2::float8 * interval '1 millisecond' AS now) m
WHERE r.id = $1::text
FOR UPDATE OF r`,
};

/** A rollout, and what the database's clock says of it. */
export type LockedRollout = Rollout & Omit<RolloutSituation, 'retiredReleaseId'>;

type Clock = Omit<LockedRollout, keyof Rollout>;

/** Locks a rollout until the transaction ends; undefined for an unknown one. */
export async function lockRollout(sql: Sql, id: string, clockOffsetMs: number): Promise<LockedRollout | undefined> {
  const [found] = await sql.query<{ row: JsonRow; clock: Clock }>(statement, [id, clockOffsetMs]);
  return found && { ...(fieldsFromRow(found.row) as Rollout), ...found.clock };
}
