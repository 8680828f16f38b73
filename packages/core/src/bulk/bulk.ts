import { z } from 'zod';
import type { DomainInput } from '../access/domainInput.ts';
import { type Scope, scopeFor } from '../access/policy.ts';
import type { Viewer } from '../access/viewer.ts';
import { DomainError, type ErrorCode } from '../base/errors.ts';
import { type JsonRow, pluginFromRow, supervisorFromRow } from '../base/rows.ts';
import type { UncheckedExcept } from '../base/unchecked.ts';
import { parse } from '../base/validate.ts';
import { type Core, type CoreInternals, internalsOf } from '../core.ts';
import { explainPlacement } from '../placement/explain.ts';
import { installPlugin } from '../placement/install.ts';
import { noPossibleSupervisor } from '../placement/place.ts';
import { type PlacementRequest, parsePlacementRequest } from '../placement/placementRequest.ts';
import { uninstallPlugin } from '../placement/uninstall.ts';
import type { PluginFilter, SupervisorFilter } from '../query/filter.ts';
import { parseFilter } from '../query/parseFilter.ts';
import { readSnapshotPage } from '../query/snapshot.ts';
import { disableSupervisor, enableSupervisor } from '../supervisor/enable.ts';
import { decide } from '../supervisor/lifecycle.ts';

/** The result of a bulk change for one item; of a dry run, the result that the change would have. */
export interface BulkItem {
  /** The id of the supervisor or plugin. */
  readonly id: string;
  readonly outcome: 'CHANGED' | 'UNCHANGED' | 'REFUSED';
  /** Why the item was refused; null with another outcome. */
  readonly code: ErrorCode | null;
  readonly message: string | null;
}

/** A change of all rows that a filter accepts. */
export type BulkInput<Filter> = DomainInput &
  z.input<typeof bulkSchema> & {
    /** Required, so that a change of all rows is asked for as such, with an empty filter. */
    filter: Filter;
  };

const bulkSchema = z.object({
  /** Whether only to answer, and to change nothing. Default false. */
  dryRun: z.boolean('expected true or false').nullish(),
});

type UncheckedBulk<Input extends BulkInput<unknown>> = UncheckedExcept<Input, 'filter'>;

/** Enables every supervisor that the filter accepts. */
export function enableSupervisors(
  core: Core,
  viewer: Viewer,
  input: UncheckedBulk<BulkInput<SupervisorFilter>>,
): Promise<BulkItem[]> {
  return commandAll(internalsOf(core), viewer, input, 'enable');
}

/** Disables every supervisor that the filter accepts. */
export function disableSupervisors(
  core: Core,
  viewer: Viewer,
  input: UncheckedBulk<BulkInput<SupervisorFilter>>,
): Promise<BulkItem[]> {
  return commandAll(internalsOf(core), viewer, input, 'disable');
}

/** Installs a version of a plugin on every supervisor that the filter accepts. */
export async function installPlugins(
  core: Core,
  viewer: Viewer,
  input: UncheckedBulk<BulkInput<SupervisorFilter> & Omit<PlacementRequest, 'supervisorId'>>,
): Promise<BulkItem[]> {
  const internals = internalsOf(core);
  const scope = scopeFor(viewer, 'operate', input.domainId);
  const { dryRun } = parse(bulkSchema, input);
  const { filter, dryRun: _, ...plugin } = input;
  const supervisors = await readMatchingSupervisors(internals, scope, filter);
  return each(internals, supervisors, async ({ id, domainId }) => {
    const pinned = { ...plugin, domainId: plugin.domainId ?? domainId, supervisorId: id };
    if (!dryRun) return (await installPlugin(core, viewer, pinned)).changed;
    const considered = await explainPlacement(core, viewer, pinned);
    if (considered.some(({ rank }) => rank !== null)) return true;
    if (considered.every(({ rejectedBy }) => rejectedBy === 'ALREADY_THERE')) return false;
    throw noPossibleSupervisor(
      internals,
      parsePlacementRequest(viewer, 'operate', pinned, core.settings.limits),
      considered,
    );
  });
}

/** Uninstalls every plugin that the filter accepts. */
export async function uninstallPlugins(
  core: Core,
  viewer: Viewer,
  input: UncheckedBulk<BulkInput<PluginFilter>>,
): Promise<BulkItem[]> {
  const scope = scopeFor(viewer, 'operate', input.domainId);
  const { dryRun } = parse(bulkSchema, input);
  const rows = await readRows(internalsOf(core), scope, 'plugin', input.filter);
  return each(
    internalsOf(core),
    rows.map(pluginFromRow),
    async ({ domainId, pluginId, version, supervisorId, wanted }) => {
      if (dryRun) return wanted;
      const withdrawn = await uninstallPlugin(core, viewer, { domainId, pluginId, version, supervisorId });
      return withdrawn.some(({ changed }) => changed);
    },
  );
}

async function commandAll(
  core: CoreInternals,
  viewer: Viewer,
  input: UncheckedBulk<BulkInput<SupervisorFilter>>,
  name: 'enable' | 'disable',
): Promise<BulkItem[]> {
  const command = { enable: enableSupervisor, disable: disableSupervisor }[name];
  const scope = scopeFor(viewer, 'operate', input.domainId);
  const { dryRun } = parse(bulkSchema, input);
  const supervisors = await readMatchingSupervisors(core, scope, input.filter);
  return each(core, supervisors, async (supervisor) => {
    const changes = decide(name, supervisor).kind === 'become';
    if (!dryRun) await command(core, viewer, { supervisorId: supervisor.id });
    return changes;
  });
}

async function readMatchingSupervisors(core: CoreInternals, scope: Scope, filter: SupervisorFilter) {
  return (await readRows(core, scope, 'supervisor', filter)).map(supervisorFromRow);
}

/**
 * All rows that the filter accepts.
 *
 * @throws DomainError TOO_COMPLEX for more rows than the limit `bulkItems`.
 */
async function readRows(
  core: CoreInternals,
  scope: Scope,
  entity: 'supervisor' | 'plugin',
  filter: SupervisorFilter | PluginFilter,
) {
  const { limits } = core.settings;
  const where = parseFilter(entity, filter, limits);
  const rows: JsonRow[] = [];
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

/** Changes the items one after another, each within an operation's time; a refusal is the result of its item alone. */
async function each<Item extends { id: string }>(
  { db }: CoreInternals,
  items: readonly Item[],
  change: (item: Item) => Promise<boolean>,
): Promise<BulkItem[]> {
  const results: BulkItem[] = [];
  for (const item of items) {
    db.currentWork().restartDeadline();
    try {
      const outcome = (await change(item)) ? 'CHANGED' : 'UNCHANGED';
      results.push({ id: item.id, outcome, code: null, message: null });
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      results.push({ id: item.id, outcome: 'REFUSED', code: error.code, message: error.message });
    }
  }
  return results;
}
