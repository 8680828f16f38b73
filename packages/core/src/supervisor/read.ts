import type { Supervisor } from '@muster/db';
import { z } from 'zod';
import type { DomainInput } from '../access/domainInput.ts';
import { can, type Scope, scopeFor } from '../access/policy.ts';
import type { Viewer } from '../access/viewer.ts';
import { badUserInput } from '../base/errors.ts';
import { isId } from '../base/ids.ts';
import { supervisorFromRow } from '../base/rows.ts';
import type { UncheckedExcept } from '../base/unchecked.ts';
import { isStorable, parse, storableText } from '../base/validate.ts';
import { type Core, type CoreInternals, internalsOf } from '../core.ts';
import { readLastSeen } from '../liveness/sql/readLastSeen.ts';
import { allOf } from '../query/condition.ts';
import type { SupervisorFilter } from '../query/filter.ts';
import type { PageArguments } from '../query/keyset.ts';
import type { ListRequest } from '../query/listRequest.ts';
import { listPage, orderKeys, type Page } from '../query/page.ts';
import { parseFilter } from '../query/parseFilter.ts';
import { parseKeyword } from '../query/parseKeyword.ts';
import { countByGroup, type GroupKey, type StatsRequest } from '../query/stats.ts';
import { targetSchema } from './command.ts';
import { findSupervisor } from './requireSupervisor.ts';
import { readSupervisors } from './sql/readSupervisors.ts';

/** The fields by which supervisors can be ordered, as clients name them. */
export const supervisorOrderFields = {
  ID: 'id',
  NAME: 'name',
  HOSTNAME: 'hostname',
  STATE: 'state',
  PRIORITY: 'priority',
  CREATED_AT: 'createdAt',
  UPDATED_AT: 'updatedAt',
} as const;

/** The filter and order of a list of supervisors. */
interface SupervisorSelection {
  filter?: SupervisorFilter | null | undefined;
  orderBy?: readonly { field: keyof typeof supervisorOrderFields; direction: 'ASC' | 'DESC' }[] | null | undefined;
}

/** A page of a list of supervisors. */
export type ListSupervisorsInput = DomainInput & z.input<typeof listSchema> & SupervisorSelection & PageArguments;
type UncheckedList = UncheckedExcept<ListSupervisorsInput, keyof SupervisorSelection | keyof PageArguments>;

const listSchema = z.object({
  /** Words of which each supervisor must contain at least one; see docs/query.md. */
  keyword: z.string('expected a text').nullish(),
  /** A6: whether public supervisors of other domains are listed too. Default false. */
  includePublic: z.boolean('expected true or false').nullish(),
});

/** The supervisor with this id, or null where the viewer has none (A3). */
export function getSupervisor(core: Core, viewer: Viewer, id: unknown, domainId?: unknown): Promise<Supervisor | null> {
  const scope = scopeFor(viewer, 'read', domainId);
  const { supervisorId } = parse(targetSchema, { supervisorId: id });
  return isId('Supervisor', supervisorId)
    ? findSupervisor(internalsOf(core), scope, supervisorId)
    : Promise.resolve(null);
}

/** One page, by name unless ordered otherwise. */
export async function listSupervisors(core: Core, viewer: Viewer, input: UncheckedList): Promise<Page<Supervisor>> {
  return listPage(supervisorList(internalsOf(core), viewer, input));
}

/** The list that `input` asks for, within the viewer's scope and the limits. */
export function supervisorList(core: CoreInternals, viewer: Viewer, input: UncheckedList): ListRequest<Supervisor> {
  const { limits } = core.settings;
  const scope = scopeFor(viewer, 'read', input.domainId);
  const { keyword, includePublic } = parse(listSchema, input);
  return {
    db: core.db,
    limits,
    entity: 'supervisor',
    scope,
    includePublic: includePublic ?? false,
    where: allOf(parseFilter('supervisor', input.filter, limits), parseKeyword('supervisor', keyword)),
    orderBy: orderKeys(supervisorOrderFields, input.orderBy, [{ field: 'name', direction: 'ASC' }]),
    page: input,
    model: supervisorFromRow,
  };
}

/** The keys by which supervisors can be grouped, as clients name them. */
export const supervisorGroupKeys = ['STATE', 'IS_PUBLIC', 'DOMAIN_ID', 'LABEL'] as const;

/** The count of one group of supervisors, with the values of the keys that it was grouped by. */
export interface SupervisorStat {
  count: number;
  state?: Supervisor['state'];
  isPublic?: boolean;
  domainId?: string;
  /** `key=value`. */
  label?: string | null;
}

/** Counts of supervisors by group. */
export type SupervisorStatsInput = DomainInput & z.input<typeof statsSchema> & Pick<SupervisorSelection, 'filter'>;
type UncheckedStats = UncheckedExcept<SupervisorStatsInput, 'filter'>;

const statsSchema = z.object({
  groupBy: z.array(z.enum(supervisorGroupKeys)).readonly(),
  /** Narrows the key LABEL to one label. Default: all labels. */
  labelKey: z.string('expected a text').nullish(),
});

/** The groups that `supervisorStats` counts. */
export function supervisorGroups(core: CoreInternals, viewer: Viewer, input: UncheckedStats): StatsRequest {
  const scope = scopeFor(viewer, 'read', input.domainId);
  const { groupBy, labelKey } = parse(statsSchema, input);
  const keys: Record<(typeof supervisorGroupKeys)[number], GroupKey> = {
    STATE: { as: 'state', field: 'state' },
    IS_PUBLIC: { as: 'isPublic', field: 'isPublic' },
    DOMAIN_ID: { as: 'domainId', field: 'domainId' },
    LABEL: { as: 'label', label: labelKey ?? null },
  };
  if (labelKey != null && !groupBy.includes('LABEL')) {
    throw badUserInput(['labelKey'], 'expected LABEL among groupBy');
  }
  if (!isStorable(labelKey ?? '')) throw badUserInput(['labelKey'], storableText);
  return {
    entity: 'supervisor',
    scope,
    where: parseFilter('supervisor', input.filter, core.settings.limits),
    groupBy: [...new Set(groupBy)].map((key) => keys[key]),
  };
}

/** Counts of supervisors, by group. */
export async function supervisorStats(core: Core, viewer: Viewer, input: UncheckedStats): Promise<SupervisorStat[]> {
  const internals = internalsOf(core);
  return countByGroup(internals, supervisorGroups(internals, viewer, input));
}

/** By id, when supervisors were last heard of, in one query; those that never published are left out, or null. */
export function getLastSeen(core: Core, ids: readonly string[]): Promise<Map<string, Date | null>> {
  return readLastSeen(internalsOf(core).db.sql, ids);
}

/**
 * The supervisors of plugins that the viewer may see, by id, in one query. A deregistered supervisor is read as it last
 * was, from the event of its deletion.
 */
export async function getSupervisorsOfPlugins(core: Core, ids: readonly string[]): Promise<Map<string, Supervisor>> {
  const rows = await readSupervisors(internalsOf(core).db.sql, ids);
  return new Map(rows.map((row) => [String(row.id), supervisorFromRow(row)]));
}

/** The scope of the plugins that the viewer sees on any supervisor: its own domain (A6). */
export function pluginScope(viewer: Viewer): Scope {
  return scopeFor(viewer, can(viewer, 'read') ? 'read' : 'publish');
}
