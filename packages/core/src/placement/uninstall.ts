import type { Viewer } from '../access/viewer.ts';
import { notFound } from '../base/errors.ts';
import { pluginFromRow } from '../base/rows.ts';
import type { Unchecked } from '../base/unchecked.ts';
import { type Core, internalsOf } from '../core.ts';
import type { WantedChange } from './install.ts';
import { inPlacement } from './place.ts';
import { type PlacementRequest, parsePlacementRequest } from './placementRequest.ts';
import { withdrawPlugins } from './sql/withdrawPlugins.ts';

/**
 * P4: withdraws a version of a plugin, on one supervisor or on all that the domain has it on. Each plugin leaves the
 * list of its supervisor at once, and its row goes once a report lacks it; until then, further calls return it too.
 *
 * @throws DomainError NOT_FOUND where the domain has no such plugin there, or there is no such supervisor (P2, A3)
 */
export async function uninstallPlugin(
  core: Core,
  viewer: Viewer,
  request: Unchecked<Omit<PlacementRequest, 'labels' | 'allowPublic'>>,
): Promise<WantedChange[]> {
  const internals = internalsOf(core);
  const wanted = parsePlacementRequest(
    viewer,
    'operate',
    { ...request, labels: null, allowPublic: null },
    core.settings.limits,
  );
  const rows = await inPlacement(internals, wanted, (sql) =>
    withdrawPlugins(sql, { ...wanted, actor: viewer.subject }),
  );
  if (rows.length === 0) {
    const { pluginId, version, supervisorId } = wanted;
    throw notFound('plugin', `${pluginId} ${version}${supervisorId === null ? '' : ` on supervisor ${supervisorId}`}`);
  }
  return rows.map(({ row, changed }) => ({ plugin: pluginFromRow(row), changed }));
}
