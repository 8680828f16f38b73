import type { Supervisor } from '@muster/db';
import { can, type Scope, scopeFor } from '../access/policy.ts';
import type { Viewer } from '../access/viewer.ts';
import { badUserInput } from '../base/errors.ts';
import { isId } from '../base/ids.ts';
import { supervisorFromRow } from '../base/rows.ts';
import { isStorable, storableText } from '../base/validate.ts';
import { type Core, type CoreInternals, internalsOf } from '../core.ts';
import { readLiveness, type SupervisorLiveness } from '../liveness/sql/readLiveness.ts';
import { allOf } from '../query/condition.ts';
import { conditionOf, keywordCondition, type SupervisorFilter } from '../query/filter.ts';
import type { PageArguments } from '../query/keyset.ts';
import type { ListRequest } from '../query/listRequest.ts';
import { listPage, orderKeys, type Page } from '../query/page.ts';
import { countByGroup, type GroupKey, type StatsRequest } from '../query/stats.ts';
import { findSupervisor } from './requireSupervisor.ts';
import { readSupervisors } from './sql/readSupervisors.ts';

/** What supervisors can be ordered by, as clients name it. */
export const supervisorOrderFields = {
  ID: 'id',
  NAME: 'name',
  HOSTNAME: 'hostname',
  STATE: 'state',
  PRIORITY: 'priority',
  CREATED_AT: 'createdAt',
  UPDATED_AT: 'updatedAt',
} as const;

export interface ListSupervisorsInput extends PageArguments {
  domainId?: string | null | undefined;
  filter?: SupervisorFilter | null | undefined;
  keyword?: string | null | undefined;
  includePublic?: boolean | null | undefined;
  orderBy?: readonly { field: keyof typeof supervisorOrderFields; direction: 'ASC' | 'DESC' }[] | null | undefined;
}

/**
 * The supervisor with this id, or null where the viewer has none (A3).
 *
 * @throws InputError where the id is no text
 */
export async function getSupervisor(
  core: Core,
  viewer: Viewer,
  id: unknown,
  domainId?: unknown,
): Promise<Supervisor | null> {
  const scope = scopeFor(viewer, 'read', domainId);
  return typeof id === 'string' && !isId('Supervisor', id) ? null : findSupervisor(internalsOf(core), scope, id);
}

/** One page, by name unless ordered otherwise. */
export async function listSupervisors(
  core: Core,
  viewer: Viewer,
  input: ListSupervisorsInput,
): Promise<Page<Supervisor>> {
  return listPage(supervisorList(internalsOf(core), viewer, input));
}

/** The list that `input` asks for, with all that the viewer's right and the limits make of it. */
export function supervisorList(
  core: CoreInternals,
  viewer: Viewer,
  input: ListSupervisorsInput,
): ListRequest<Supervisor> {
  const { limits } = core.settings;
  return {
    sql: core.db.sql,
    limits,
    entity: 'supervisor',
    scope: scopeFor(viewer, 'read', input.domainId),
    includePublic: input.includePublic ?? false,
    where: allOf(conditionOf('supervisor', input.filter, limits), keywordCondition('supervisor', input.keyword)),
    orderBy: orderKeys(supervisorOrderFields, input.orderBy, [{ field: 'name', direction: 'ASC' }]),
    page: input,
    model: supervisorFromRow,
  };
}

export const supervisorGroupKeys = ['STATE', 'IS_PUBLIC', 'DOMAIN_ID', 'LABEL'] as const;

export interface SupervisorStat {
  count: number;
  state?: Supervisor['state'];
  isPublic?: boolean;
  domainId?: string;
  /** `key=value`. */
  label?: string | null;
}

export interface SupervisorStatsInput {
  domainId?: string | null | undefined;
  filter?: SupervisorFilter | null | undefined;
  groupBy: readonly (typeof supervisorGroupKeys)[number][];
  /** Narrows the key LABEL to one label. */
  labelKey?: string | null | undefined;
}

/** What `supervisorStats` counts. */
export function supervisorGroups(core: CoreInternals, viewer: Viewer, input: SupervisorStatsInput): StatsRequest {
  const keys: Record<(typeof supervisorGroupKeys)[number], GroupKey> = {
    STATE: { as: 'state', field: 'state' },
    IS_PUBLIC: { as: 'isPublic', field: 'isPublic' },
    DOMAIN_ID: { as: 'domainId', field: 'domainId' },
    LABEL: { as: 'label', label: input.labelKey ?? null },
  };
  if (input.labelKey != null && !input.groupBy.includes('LABEL')) {
    throw badUserInput(['labelKey'], 'expected LABEL among groupBy');
  }
  if (!isStorable(input.labelKey ?? '')) throw badUserInput(['labelKey'], storableText);
  return {
    entity: 'supervisor',
    scope: scopeFor(viewer, 'read', input.domainId),
    where: conditionOf('supervisor', input.filter, core.settings.limits),
    groupBy: [...new Set(input.groupBy)].map((key) => keys[key]),
  };
}

/** Counts by group. */
export async function supervisorStats(
  core: Core,
  viewer: Viewer,
  input: SupervisorStatsInput,
): Promise<SupervisorStat[]> {
  const internals = internalsOf(core);
  return countByGroup(internals, supervisorGroups(internals, viewer, input));
}

/** For each id, when the supervisor was last seen and whether its lease runs; in one query. */
export function getLiveness(core: Core, ids: readonly string[]): Promise<Map<string, SupervisorLiveness>> {
  const internals = internalsOf(core);
  return readLiveness(internals.db.sql, ids, internals.clockOffsetMs());
}

/**
 * The supervisors of plugins that the viewer may see, by id, in one query; one that has been deregistered as it last
 * was.
 */
export async function getSupervisorsOfPlugins(core: Core, ids: readonly string[]): Promise<Map<string, Supervisor>> {
  const rows = await readSupervisors(internalsOf(core).db.sql, ids);
  return new Map(rows.map((row) => [String(row.id), supervisorFromRow(row)]));
}

/** Which plugins the viewer sees on any supervisor: those of its domain (A6). */
export function pluginScope(viewer: Viewer): Scope {
  return scopeFor(viewer, can(viewer, 'read') ? 'read' : 'publish');
}
