import type { Viewer } from '../access/viewer.ts';
import { pluginFromRow } from '../base/rows.ts';
import { type Core, internalsOf } from '../core.ts';
import type { WantedChange } from './install.ts';
import { inPlacement } from './place.ts';
import { type PlacementRequest, parsePlacementRequest } from './placementRequest.ts';
import { withdrawPlugins } from './sql/withdrawPlugins.ts';

/**
 * P4: withdraws the wish for a version of a plugin, on one supervisor or wherever the domain has it. Each leaves its
 * supervisor's list now, and is gone once a report no longer has it; until then it is returned, as often as this is
 * called.
 */
export async function uninstallPlugin(
  core: Core,
  viewer: Viewer,
  input: Omit<PlacementRequest, 'labels'>,
): Promise<WantedChange[]> {
  const internals = internalsOf(core);
  const wish = parsePlacementRequest(internals, viewer, 'operate', { ...input, labels: null });
  const rows = await inPlacement(internals, wish, (sql) => withdrawPlugins(sql, { ...wish, actor: viewer.subject }));
  return rows.map(({ row, changed }) => ({ plugin: pluginFromRow(row), changed }));
}
