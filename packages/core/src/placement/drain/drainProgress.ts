import type { Plugin } from '@muster/db';
import type { Viewer } from '../../access/viewer.ts';
import { pluginFromRow } from '../../base/rows.ts';
import { type Core, internalsOf } from '../../core.ts';
import { pluginScope } from '../../supervisor/read.ts';
import { type DrainLeftReason, readDrains } from './sql/readDrains.ts';

export type { DrainLeftReason };

/** A plugin that is still on a drained supervisor (D1). */
export interface DrainProgress {
  readonly plugin: Plugin;
  /** The plugin that replaces it once that is ACTIVE; null where there is none. */
  readonly replacement: Plugin | null;
  readonly reason: DrainLeftReason;
}

/** The plugins of the viewer's domain that are left on each of these supervisors, by id, in one query. */
export async function getDrainProgress(
  core: Core,
  viewer: Viewer,
  supervisorIds: readonly string[],
): Promise<Map<string, DrainProgress[]>> {
  const { domainId } = pluginScope(viewer);
  const rows = await readDrains(internalsOf(core).db.sql, supervisorIds, domainId);
  const left = new Map<string, DrainProgress[]>(supervisorIds.map((id) => [id, []]));
  for (const { supervisorId, plugin, replacement, reason } of rows) {
    left.get(supervisorId)?.push({
      plugin: pluginFromRow(plugin),
      replacement: replacement && pluginFromRow(replacement),
      reason,
    });
  }
  return left;
}
