import type { Rollout, RolloutStep } from '@muster/db';
import { z } from 'zod';
import type { DomainInput } from '../../access/domainInput.ts';
import { type Scope, scopeFor } from '../../access/policy.ts';
import { inScope } from '../../access/scopeWhere.ts';
import type { Viewer } from '../../access/viewer.ts';
import { badUserInput } from '../../base/errors.ts';
import { isId } from '../../base/ids.ts';
import { rolloutFromRow, rolloutStepFromRow } from '../../base/rows.ts';
import type { UncheckedExcept } from '../../base/unchecked.ts';
import { isStorable, parse, storableText } from '../../base/validate.ts';
import { type Core, type CoreInternals, internalsOf } from '../../core.ts';
import { everything } from '../../query/condition.ts';
import type { RolloutStepFilter } from '../../query/filter.ts';
import type { PageArguments } from '../../query/keyset.ts';
import { listPage, listPagesOf, type Page, type PageOfMany } from '../../query/page.ts';
import { parseFilter } from '../../query/parseFilter.ts';

/** The rollout with this id, or null where the viewer has none (A3). */
export async function getRollout(core: Core, viewer: Viewer, id: unknown): Promise<Rollout | null> {
  const scope = scopeFor(viewer, 'read');
  return findRolloutById(internalsOf(core), scope, parse(z.string('expected a text'), id, ['id']));
}

/** The rollout with this id within the scope, or null. */
export async function findRolloutById(core: CoreInternals, scope: Scope, id: string): Promise<Rollout | null> {
  if (!isId('Rollout', id)) return null;
  return core.tenants.client(scope).rollout.findFirst({ where: { id, ...inScope(scope) } });
}

/** The rollouts with these ids that the viewer may see, by their ids. */
export async function findRollouts(core: Core, viewer: Viewer, ids: readonly string[]): Promise<Map<string, Rollout>> {
  const scope = scopeFor(viewer, 'read');
  const where = { id: { in: [...ids] }, ...inScope(scope) };
  const found = await internalsOf(core).tenants.client(scope).rollout.findMany({ where });
  return new Map(found.map((rollout) => [rollout.id, rollout]));
}

/** A page of a list of rollouts. */
export type ListRolloutsInput = DomainInput & z.input<typeof listSchema> & PageArguments;

const listSchema = z.object({
  /** The only plugin to list rollouts of. Default: all. */
  pluginId: z.string('expected a text').nullish(),
});

/** One page, the newest rollouts first. */
export async function listRollouts(
  core: Core,
  viewer: Viewer,
  input: UncheckedExcept<ListRolloutsInput, keyof PageArguments>,
): Promise<Page<Rollout>> {
  const scope = scopeFor(viewer, 'read', input.domainId);
  const { limits } = core.settings;
  const { pluginId } = parse(listSchema, input);
  if (!isStorable(pluginId ?? '')) throw badUserInput(['pluginId'], storableText);
  return listPage({
    db: internalsOf(core).db,
    limits,
    entity: 'rollout',
    scope,
    where: pluginId == null ? everything : { field: 'pluginId', operator: 'eq', value: pluginId },
    orderBy: [
      { field: 'createdAt', direction: 'DESC' },
      { field: 'id', direction: 'DESC' },
    ],
    page: input,
    model: rolloutFromRow,
  });
}

/** A page of the steps of a rollout. */
export interface ListStepsInput extends PageArguments {
  readonly filter?: RolloutStepFilter | null | undefined;
}

/** The same page of the steps, in the order of their turns, of each of many rollouts that the viewer may see. */
export function listStepsOf(
  core: Core,
  viewer: Viewer,
  rolloutIds: readonly string[],
  input: ListStepsInput,
): Promise<Map<string, PageOfMany<RolloutStep>>> {
  const { limits } = core.settings;
  const request = {
    db: internalsOf(core).db,
    limits,
    entity: 'rolloutStep',
    scope: scopeFor(viewer, 'read'),
    where: parseFilter('rolloutStep', input.filter, limits),
    orderBy: [{ field: 'position', direction: 'ASC' }],
    page: input,
    model: rolloutStepFromRow,
  } as const;
  return listPagesOf(request, 'rollout_id', rolloutIds);
}
