import type { Rollout } from '@muster/db';
import { z } from 'zod';
import { type Scope, scopeFor } from '../../access/policy.ts';
import type { Viewer } from '../../access/viewer.ts';
import { notFound } from '../../base/errors.ts';
import { describe, parse } from '../../base/validate.ts';
import { type Core, type CoreInternals, internalsOf } from '../../core.ts';
import type { Change, RolloutLogChange } from '../../event/change.ts';
import { type DomainScoped, restrictToDomain } from '../../event/domainGuard.ts';
import { Effort } from '../../event/effort.ts';
import type { Feed, FeedStart } from '../../event/feed.ts';
import { readResumePlace, startAfter } from '../../event/resume.ts';
import { findRolloutById } from './rollouts.ts';

/** A change of a rollout or of one of its steps, or the state at the start of a subscription. */
export interface RolloutChange extends DomainScoped {
  /** The change; null at the start. */
  readonly change: RolloutLogChange | null;
  /** The rollout as it is when the change is sent. */
  readonly rollout: Rollout;
}

/** The rollout to watch. */
export interface WatchRolloutInput {
  readonly id: unknown;
  /** E3: the cursor after which to start, without the present state. */
  readonly after?: string | null | undefined;
}

/**
 * R7: the state of a rollout now, and then each change of it and of its steps.
 *
 * @throws DomainError NOT_FOUND for a rollout that the viewer does not have (A3); BAD_USER_INPUT, CURSOR_EXPIRED
 */
export async function watchRollout(
  core: Core,
  viewer: Viewer,
  { id, after }: WatchRolloutInput,
): Promise<Feed<RolloutChange>> {
  const internals = internalsOf(core);
  const scope = scopeFor(viewer, 'read');
  const rolloutId = parse(z.string('expected a text'), id, ['id']);
  const { domainId } = await requireRollout(internals, scope, rolloutId);
  const place = await readResumePlace(internals, after);
  const concerns = (change: Change) => change.entity === 'rollout' && change.rolloutId === rolloutId;

  async function itemOf(seq: number, change: RolloutLogChange | null): Promise<RolloutChange> {
    return { seq, domainId, change, rollout: await requireRollout(internals, scope, rolloutId) };
  }

  const meaningOf = (change: Change) =>
    change.entity === 'rollout' && concerns(change) ? async () => [await itemOf(change.seq, change)] : null;

  async function startWithState(): Promise<FeedStart<RolloutChange>> {
    const seq = await core.hub.tail.catchUp();
    const present = await itemOf(seq, null);
    async function* first() {
      yield present;
    }
    return { initialItems: first(), resumeSeq: null, liveAfterSeq: () => seq };
  }

  const effort = new Effort();
  return restrictToDomain(scope, {
    viewer,
    afterSeq: place?.seq ?? null,
    effort,
    concerns,
    meaningOf,
    start: async () => (place === null ? startWithState() : startAfter(internals, place, { meaningOf, effort })),
    bookmark: () => null,
  });
}

async function requireRollout(core: CoreInternals, scope: Scope, id: string): Promise<Rollout> {
  const rollout = await findRolloutById(core, scope, id);
  if (!rollout) throw notFound('rollout', describe(id));
  return rollout;
}
