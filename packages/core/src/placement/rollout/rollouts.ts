import type { Prisma, Rollout, RolloutStep } from '@muster/db';
import { z } from 'zod';
import type { DomainInput } from '../../access/domainInput.ts';
import { type Scope, scopeFor } from '../../access/policy.ts';
import { inScope } from '../../access/scopeWhere.ts';
import type { Viewer } from '../../access/viewer.ts';
import { notFound } from '../../base/errors.ts';
import type { Unchecked } from '../../base/unchecked.ts';
import { describe, parse, perLimits } from '../../base/validate.ts';
import { type Core, type CoreInternals, internalsOf } from '../../core.ts';
import type { Change } from '../../event/change.ts';
import { type DomainScoped, restrictToDomain } from '../../event/domainGuard.ts';
import { Effort } from '../../event/effort.ts';
import type { Feed } from '../../event/feed.ts';
import { advanceRollout } from './rolloutRound.ts';

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

/** The state of a rollout at one moment. */
export interface RolloutChange extends DomainScoped {
  readonly rollout: RolloutProgress;
}

/**
 * The state of a rollout now, and then whenever it changes. All that a rollout does shows in events of its plugin, so
 * each such event has the rollout advanced and read again.
 *
 * @throws DomainError NOT_FOUND for a rollout that the viewer does not have (A3).
 */
export async function watchRollout(core: Core, viewer: Viewer, rolloutId: unknown): Promise<Feed<RolloutChange>> {
  const internals = internalsOf(core);
  const scope = scopeFor(viewer, 'read');
  const id = parseId(rolloutId);
  const watched = await readProgress(internals, scope, id);
  if (!watched) throw notFound('rollout', describe(id));
  const { domainId, pluginId } = watched;
  let sent = '';

  async function read(): Promise<RolloutProgress> {
    const rollout = await readProgress(internals, scope, id);
    if (!rollout) throw notFound('rollout', describe(id));
    return rollout;
  }

  const concerns = (change: Change) =>
    change.entity === 'plugin' && change.domainId === domainId && change.plugin.pluginId === pluginId;
  return restrictToDomain(scope, {
    viewer,
    afterSeq: null,
    effort: new Effort(),
    concerns,
    meaningOf: (change) =>
      concerns(change)
        ? async () => {
            await advanceRollout(internals, watched);
            const rollout = await read();
            const text = JSON.stringify(rollout);
            if (text === sent) return [];
            sent = text;
            return [{ seq: change.seq, domainId, rollout }];
          }
        : null,
    start: async () => {
      const seq = await core.hub.tail.catchUp();
      const rollout = await read();
      async function* first() {
        yield { seq, domainId, rollout };
      }
      return { initialItems: first(), resumeSeq: null, liveAfterSeq: () => seq };
    },
    bookmark: () => null,
  });
}
