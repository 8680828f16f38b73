import type { Plugin } from '@muster/db';
import type { Viewer } from '../../access/viewer.ts';
import { pluginFromRow } from '../../base/rows.ts';
import { type Core, internalsOf } from '../../core.ts';
import { pluginScope } from '../../supervisor/read.ts';
import { readDrains } from './sql/readDrains.ts';

/** A plugin that a drain has not relocated yet. */
export interface DrainProgress {
  readonly plugin: Plugin;
  /** The plugin that replaces it once that is ACTIVE; null where no supervisor could take it yet. */
  readonly replacement: Plugin | null;
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
  for (const { supervisorId, plugin, replacement } of rows) {
    left.get(supervisorId)?.push({
      plugin: pluginFromRow(plugin),
      replacement: replacement && pluginFromRow(replacement),
    });
  }
  return left;
}
