import type { Rollout, RolloutStep } from '@muster/db';
import { type Scope, scopeFor } from '../../access/policy.ts';
import { inScope } from '../../access/scopeWhere.ts';
import type { Viewer } from '../../access/viewer.ts';
import { badUserInput, notFound } from '../../base/errors.ts';
import { describe } from '../../base/validate.ts';
import { type Core, type CoreInternals, internalsOf } from '../../core.ts';
import { type DomainScoped, restrictToDomain } from '../../event/domainGuard.ts';
import type { Feed } from '../../event/feed.ts';
import { advanceRollout } from './rolloutRound.ts';

/** A rollout and its steps, in their order. */
export type RolloutProgress = Rollout & { readonly steps: readonly RolloutStep[] };

/** The rollout with this id, or null where the viewer has none (A3). */
export function getRollout(core: Core, viewer: Viewer, id: string): Promise<RolloutProgress | null> {
  return readProgress(internalsOf(core), scopeFor(viewer, 'read'), id);
}

export interface ListRolloutsInput {
  domainId?: string | null | undefined;
  /** Of this plugin alone. */
  pluginId?: string | null | undefined;
  /** How many at most. Default 20. */
  first?: number | null | undefined;
}

const usualPage = 20;

/** The newest rollouts, the last one first. */
export async function listRollouts(core: Core, viewer: Viewer, input: ListRolloutsInput): Promise<RolloutProgress[]> {
  const scope = scopeFor(viewer, 'read', input.domainId);
  const { pageSize } = core.settings.limits;
  const first = input.first ?? usualPage;
  if (first < 0 || first > pageSize) throw badUserInput(['first'], `expected 0 to ${pageSize}; got ${first}`);
  if (input.pluginId?.includes('\0')) return [];
  return internalsOf(core)
    .tenants.client(scope)
    .rollout.findMany({
      where: { ...inScope(scope), ...(input.pluginId == null ? {} : { pluginId: input.pluginId }) },
      include: { steps: { orderBy: { position: 'asc' } } },
      orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
      take: first,
    });
}

/** The rollout with this id within the scope, or null. */
export function readProgress(core: CoreInternals, scope: Scope, id: string): Promise<RolloutProgress | null> {
  if (id.includes('\0')) return Promise.resolve(null);
  return core.tenants.client(scope).rollout.findFirst({
    where: { id, ...inScope(scope) },
    include: { steps: { orderBy: { position: 'asc' } } },
  });
}

/** A rollout as it was at one moment. */
export interface RolloutChange extends DomainScoped {
  readonly rollout: RolloutProgress;
}

/**
 * A rollout as it is now, and then each time that it has come further. All that it does shows in events of its plugin,
 * and so it is looked at when there is one, by whoever watches; what is due then is done then.
 *
 * @throws DomainError NOT_FOUND for a rollout that the viewer does not have (A3).
 */
export async function watchRollout(core: Core, viewer: Viewer, id: string): Promise<Feed<RolloutChange>> {
  const internals = internalsOf(core);
  const scope = scopeFor(viewer, 'read');
  const watched = await readProgress(internals, scope, id);
  if (!watched) throw notFound('rollout', describe(id));
  const { domainId, pluginId } = watched;
  let told = '';

  async function read(): Promise<RolloutProgress> {
    const rollout = await readProgress(internals, scope, id);
    if (!rollout) throw notFound('rollout', describe(id));
    return rollout;
  }

  return restrictToDomain(scope, {
    viewer,
    start: null,
    concerns: (change) =>
      change.entity === 'plugin' && change.domainId === domainId && change.plugin.pluginId === pluginId,
    itemsOf: async ({ seq }) => {
      await advanceRollout(internals, watched);
      const rollout = await read();
      const now = JSON.stringify(rollout);
      if (now === told) return [];
      told = now;
      return [{ seq, domainId, rollout }];
    },
    begin: async () => {
      const seq = await core.hub.tail.catchUp();
      const rollout = await read();
      async function* first() {
        yield { seq, domainId, rollout };
      }
      return { first: first(), place: null, newsAfter: () => seq };
    },
    bookmark: () => null,
  });
}
