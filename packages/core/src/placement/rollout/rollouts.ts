import type { Prisma, Rollout, RolloutStep } from '@muster/db';
import { z } from 'zod';
import type { DomainInput } from '../../access/domainInput.ts';
import { type Scope, scopeFor } from '../../access/policy.ts';
import { inScope } from '../../access/scopeWhere.ts';
import type { Viewer } from '../../access/viewer.ts';
import type { Unchecked } from '../../base/unchecked.ts';
import { parse, perLimits } from '../../base/validate.ts';
import { type Core, type CoreInternals, internalsOf } from '../../core.ts';

/** A rollout and its steps, in the order of their turns. */
export type RolloutProgress = Rollout & { readonly steps: readonly RolloutStep[] };

/** Prisma's arguments for the rows that are read together with a rollout. */
export type RolloutQuery = Pick<Prisma.RolloutDefaultArgs, 'include' | 'select'>;

const withSteps = { include: { steps: { orderBy: { position: 'asc' } } } } as const satisfies RolloutQuery;

/**
 * The rollout with this id, or null where the viewer has none (A3).
 *
 * @param query the rows to read together with the rollout. Default: the steps in their order.
 */
export function getRollout(core: Core, viewer: Viewer, id: unknown): Promise<RolloutProgress | null>;
export function getRollout(core: Core, viewer: Viewer, id: unknown, query: RolloutQuery): Promise<Rollout | null>;
export async function getRollout(
  core: Core,
  viewer: Viewer,
  id: unknown,
  query: RolloutQuery = withSteps,
): Promise<Rollout | null> {
  const scope = scopeFor(viewer, 'read');
  const rolloutId = parseId(id);
  if (rolloutId.includes('\0')) return null;
  const client = internalsOf(core).tenants.client(scope);
  return client.rollout.findFirst({ ...query, where: { id: rolloutId, ...inScope(scope) } });
}

/** A list of rollouts. */
export type ListRolloutsInput = DomainInput & z.input<ReturnType<typeof listSchema>>;

const listSchema = perLimits(({ pageSize }) => {
  const expected = `expected 0 to ${pageSize}`;
  return z.object({
    /** The only plugin to list rollouts of. Default: all. */
    pluginId: z.string('expected a text').nullish(),
    /** How many rollouts at most. Default 20. */
    first: z.int(expected).min(0, expected).max(pageSize, expected).nullish(),
  });
});

const defaultRollouts = 20;

/**
 * The newest rollouts, the newest first.
 *
 * @param query the rows to read together with each rollout. Default: none.
 */
export async function listRollouts(
  core: Core,
  viewer: Viewer,
  input: Unchecked<ListRolloutsInput>,
  query: RolloutQuery = {},
): Promise<Rollout[]> {
  const scope = scopeFor(viewer, 'read', input.domainId);
  const { pluginId, first } = parse(listSchema(core.settings.limits), input);
  if (pluginId?.includes('\0')) return [];
  return internalsOf(core)
    .tenants.client(scope)
    .rollout.findMany({
      ...query,
      where: { ...inScope(scope), ...(pluginId == null ? {} : { pluginId }) },
      orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
      take: first ?? defaultRollouts,
    });
}

function parseId(id: unknown): string {
  return parse(z.string('expected a text'), id, ['id']);
}

/** The rollout with this id within the scope, with its steps; or null. */
export function readProgress(core: CoreInternals, scope: Scope, id: string): Promise<RolloutProgress | null> {
  if (id.includes('\0')) return Promise.resolve(null);
  return core.tenants.client(scope).rollout.findFirst({ ...withSteps, where: { id, ...inScope(scope) } });
}
