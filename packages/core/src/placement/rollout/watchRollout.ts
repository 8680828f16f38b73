import type { Rollout } from '@muster/db';
import type { Scope } from '../../access/policy.ts';
import type { Viewer } from '../../access/viewer.ts';
import { notFound } from '../../base/errors.ts';
import { describe } from '../../base/validate.ts';
import { type Core, type CoreInternals, internalsOf } from '../../core.ts';
import type { Change, RolloutLogChange } from '../../event/change.ts';
import type { Feed } from '../../event/feed.ts';
import { type StateChange, type WatchStateInput, watchState } from '../watchState.ts';
import { findRolloutById } from './rollouts.ts';

/** A change of a rollout or of one of its steps, or the state at the start of a subscription. */
export type RolloutChange = StateChange<Rollout, RolloutLogChange>;

/**
 * R7: the state of a rollout now, and then each change of it and of its steps.
 *
 * @throws DomainError NOT_FOUND for a rollout that the viewer does not have (A3); BAD_USER_INPUT, CURSOR_EXPIRED
 */
export function watchRollout(core: Core, viewer: Viewer, input: WatchStateInput): Promise<Feed<RolloutChange>> {
  const internals = internalsOf(core);
  return watchState(core, viewer, input, {
    isOwn: (change: Change, id): change is RolloutLogChange => change.entity === 'rollout' && change.rolloutId === id,
    require: (scope, id) => requireRollout(internals, scope, id),
  });
}

async function requireRollout(core: CoreInternals, scope: Scope, id: string): Promise<Rollout> {
  const rollout = await findRolloutById(core, scope, id);
  if (!rollout) throw notFound('rollout', describe(id));
  return rollout;
}
