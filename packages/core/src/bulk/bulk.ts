import { type Scope, scopeFor } from '../access/policy.ts';
import type { Viewer } from '../access/viewer.ts';
import { DomainError, type ErrorCode } from '../base/errors.ts';
import { pluginFromRow, supervisorFromRow } from '../base/rows.ts';
import { type Core, type CoreInternals, internalsOf } from '../core.ts';
import { explainPlacement } from '../placement/explain.ts';
import { installPlugin } from '../placement/install.ts';
import { noPossibleSupervisor } from '../placement/place.ts';
import type { PlacementRequest } from '../placement/placementRequest.ts';
import { parsePlacementRequest } from '../placement/placementRequest.ts';
import { uninstallPlugin } from '../placement/uninstall.ts';
import { conditionOf, type PluginFilter, type SupervisorFilter } from '../query/filter.ts';
import { readSnapshotPage } from '../query/snapshot.ts';
import { disableSupervisor, enableSupervisor } from '../supervisor/enable.ts';
import { decide } from '../supervisor/lifecycle.ts';

/** What became of one item of a bulk change, or would. */
export interface BulkItem {
  /** The supervisor's id, or the plugin's. */
  readonly id: string;
  readonly outcome: 'CHANGED' | 'UNCHANGED' | 'REFUSED';
  /** Why it was refused; null where it wasn't. */
  readonly code: ErrorCode | null;
  readonly message: string | null;
}

export interface BulkInput<Filter> {
  domainId?: string | null | undefined;
  /** Which are meant; a change of all has to be asked for as such, with an empty filter. */
  filter: Filter;
  /** Whether only to tell what would be done. Default false. */
  dryRun?: boolean | null | undefined;
}

/** Enables every supervisor that the filter accepts. */
export function enableSupervisors(core: Core, viewer: Viewer, input: BulkInput<SupervisorFilter>): Promise<BulkItem[]> {
  return commandAll(internalsOf(core), viewer, input, 'enable');
}

/** Disables every supervisor that the filter accepts. */
export function disableSupervisors(
  core: Core,
  viewer: Viewer,
  input: BulkInput<SupervisorFilter>,
): Promise<BulkItem[]> {
  return commandAll(internalsOf(core), viewer, input, 'disable');
}

/** Installs a version of a plugin on every supervisor that the filter accepts. */
export async function installPlugins(
  core: Core,
  viewer: Viewer,
  input: BulkInput<SupervisorFilter> & Omit<PlacementRequest, 'supervisorId'>,
): Promise<BulkItem[]> {
  const internals = internalsOf(core);
  const { filter, dryRun, ...plugin } = input;
  const supervisors = await readMatchingSupervisors(internals, scopeFor(viewer, 'operate', input.domainId), filter);
  return each(supervisors, async ({ id, domainId }) => {
    const pinned = { ...plugin, domainId: plugin.domainId ?? domainId, supervisorId: id };
    if (!dryRun) return (await installPlugin(core, viewer, pinned)).changed;
    const considered = await explainPlacement(core, viewer, pinned);
    if (considered.some(({ rank }) => rank !== null)) return true;
    if (considered.every(({ rejectedBy }) => rejectedBy === 'ALREADY_THERE')) return false;
    throw noPossibleSupervisor(internals, parsePlacementRequest(internals, viewer, 'operate', pinned), considered);
  });
}

/** Uninstalls every plugin that the filter accepts. */
export async function uninstallPlugins(
  core: Core,
  viewer: Viewer,
  input: BulkInput<PluginFilter>,
): Promise<BulkItem[]> {
  const scope = scopeFor(viewer, 'operate', input.domainId);
  const rows = await readRows(internalsOf(core), scope, 'plugin', input.filter);
  return each(rows.map(pluginFromRow), async ({ id: _, ...plugin }) => {
    if (input.dryRun) return plugin.wanted;
    const { domainId, pluginId, version, supervisorId } = plugin;
    const withdrawn = await uninstallPlugin(core, viewer, { domainId, pluginId, version, supervisorId });
    return withdrawn.some(({ changed }) => changed);
  });
}

async function commandAll(
  core: CoreInternals,
  viewer: Viewer,
  input: BulkInput<SupervisorFilter>,
  name: 'enable' | 'disable',
): Promise<BulkItem[]> {
  const command = { enable: enableSupervisor, disable: disableSupervisor }[name];
  const supervisors = await readMatchingSupervisors(core, scopeFor(viewer, 'operate', input.domainId), input.filter);
  return each(supervisors, async (supervisor) => {
    const changes = decide(name, supervisor).kind === 'become';
    if (!input.dryRun) await command(core, viewer, { supervisorId: supervisor.id });
    return changes;
  });
}

async function readMatchingSupervisors(core: CoreInternals, scope: Scope, filter: SupervisorFilter) {
  return (await readRows(core, scope, 'supervisor', filter)).map(supervisorFromRow);
}

/** @throws DomainError TOO_COMPLEX for more than one change may be of. */
async function readRows(
  core: CoreInternals,
  scope: Scope,
  entity: 'supervisor' | 'plugin',
  filter: SupervisorFilter | PluginFilter,
) {
  const { limits } = core.settings;
  const where = conditionOf(entity, filter, limits);
  const rows = [];
  for (let afterId: string | null = null; ; ) {
    const page = await readSnapshotPage(core.db.sql, entity, scope, where, afterId);
    rows.push(...page.rows);
    if (rows.length > limits.bulkItems) {
      throw new DomainError('TOO_COMPLEX', `expected a filter that accepts at most ${limits.bulkItems} ${entity}s`);
    }
    if (page.complete) return rows;
    afterId = page.lastId;
  }
}

/** One after another: what is refused of one is told of that one, and holds up no other. */
async function each<Item extends { id: string }>(
  items: readonly Item[],
  change: (item: Item) => Promise<boolean>,
): Promise<BulkItem[]> {
  const told: BulkItem[] = [];
  for (const item of items) {
    try {
      const outcome = (await change(item)) ? 'CHANGED' : 'UNCHANGED';
      told.push({ id: item.id, outcome, code: null, message: null });
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      told.push({ id: item.id, outcome: 'REFUSED', code: error.code, message: error.message });
    }
  }
  return told;
}
