import type { Viewer } from '../access/viewer.ts';
import { pluginFromRow } from '../base/rows.ts';
import { type Core, internalsOf } from '../core.ts';
import type { Installed } from './install.ts';
import { inPlacement } from './place.ts';
import { withdrawPlugins } from './sql/withdrawPlugins.ts';
import { type PlacementInput, wishOf } from './wish.ts';

/**
 * P4: withdraws the wish for a version of a plugin, on one supervisor or wherever the domain has it. Each leaves its
 * supervisor's list now, and is gone once a report no longer has it; until then it is returned, as often as this is
 * called.
 */
export async function uninstallPlugin(
  core: Core,
  viewer: Viewer,
  input: Omit<PlacementInput, 'labels'>,
): Promise<Installed[]> {
  const internals = internalsOf(core);
  const wish = wishOf(internals, viewer, 'operate', { ...input, labels: null });
  const rows = await inPlacement(internals, wish, (sql) => withdrawPlugins(sql, { ...wish, actor: viewer.subject }));
  return rows.map(({ row, changed }) => ({ plugin: pluginFromRow(row), changed }));
}
