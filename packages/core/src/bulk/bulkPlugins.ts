import type { Viewer } from '../access/viewer.ts';
import { pluginFromRow, supervisorFromRow } from '../base/rows.ts';
import { type Core, internalsOf } from '../core.ts';
import { installWanted } from '../placement/install.ts';
import { type PlacementRequest, parsePlacementRequest } from '../placement/placementRequest.ts';
import { uninstallPlugin } from '../placement/uninstall.ts';
import { recoverPlugin } from '../plugin/recover.ts';
import type { PluginFilter, SupervisorFilter } from '../query/filter.ts';
import { type BulkInput, type BulkResult, runBulk, type UncheckedBulk } from './runBulk.ts';

/** The plugin to install, and the supervisors that get it. */
type InstallPluginsInput = UncheckedBulk<BulkInput<SupervisorFilter> & Omit<PlacementRequest, 'supervisorId'>>;
/** The plugins to change. */
type PluginsInput = UncheckedBulk<BulkInput<PluginFilter>>;

/** Installs a version of a plugin on each supervisor, as `installPlugin` does with that `supervisorId`. */
export function installPlugins(core: Core, viewer: Viewer, input: InstallPluginsInput): Promise<BulkResult> {
  const { filter: _filter, all: _all, dryRun, after: _after, ...plugin } = input;
  // A8: a dry run leaves nothing behind that would count towards the quota of a later item's domain.
  const rehearsed = new Map<string, number>();
  return runBulk(internalsOf(core), viewer, input, {
    entity: 'supervisor',
    model: supervisorFromRow,
    change: async (internals, { id, domainId }) => {
      const pinned = { ...plugin, domainId: plugin.domainId ?? domainId, supervisorId: id };
      const wanted = parsePlacementRequest(viewer, 'operate', pinned, core.settings.limits);
      const reserved = rehearsed.get(wanted.domainId) ?? 0;
      const { changed, isNew } = await installWanted(internals, wanted, viewer.subject, { reserved });
      if (dryRun && isNew) rehearsed.set(wanted.domainId, reserved + 1);
      return changed;
    },
  });
}

/** Uninstalls each plugin, as `uninstallPlugin` does. */
export function uninstallPlugins(core: Core, viewer: Viewer, input: PluginsInput): Promise<BulkResult> {
  // The replacement of a plugin is withdrawn with it, and may itself be an item: it has been changed by then.
  const withdrawn = new Set<string>();
  return runBulk(internalsOf(core), viewer, input, {
    entity: 'plugin',
    model: pluginFromRow,
    change: async (internals, { id, domainId, pluginId, version, supervisorId }) => {
      const isDone = withdrawn.has(id);
      const plugins = await uninstallPlugin(internals, viewer, { domainId, pluginId, version, supervisorId });
      const changed = plugins.filter((each) => each.changed);
      for (const each of changed) withdrawn.add(each.plugin.id);
      return changed.length > 0 && !isDone;
    },
  });
}

/** Recovers each plugin, as `recoverPlugin` does. */
export function recoverPlugins(core: Core, viewer: Viewer, input: PluginsInput): Promise<BulkResult> {
  return runBulk(internalsOf(core), viewer, input, {
    entity: 'plugin',
    model: pluginFromRow,
    change: async (internals, { domainId, pluginId, version, supervisorId }) => {
      await recoverPlugin(internals, viewer, { domainId, pluginId, version, supervisorId });
      return true;
    },
  });
}
