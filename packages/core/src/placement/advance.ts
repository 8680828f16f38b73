import type { CoreInternals } from '../core.ts';
import type { Change } from '../event/change.ts';
import { advanceRelocations } from './drain/relocations.ts';
import { advanceRollouts } from './rollout/rolloutRound.ts';
import { isPlacementUnderWay } from './sql/isPlacementUnderWay.ts';

/** Takes drains, re-placements and rollouts as far as they can go now. Safe in several places at once. */
export async function advancePlacement(core: CoreInternals): Promise<void> {
  await advanceRollouts(core);
  await advanceRelocations(core);
}

/**
 * Does so whenever a managed plugin has come up, failed or gone, and something is under way: sweeps alone would do, but
 * not at once. Rounds don't overlap, and what comes during one is seen by the next.
 *
 * @returns how to stop, which resolves once no round is under way
 */
export function advanceAtOnce(core: CoreInternals): () => Promise<void> {
  let round: Promise<void> | undefined;
  let isStale = false;
  let stopped = false;

  async function advanceWhileStale(): Promise<void> {
    while (isStale && !stopped) {
      isStale = false;
      if (await isPlacementUnderWay(core.db.sql)) await advancePlacement(core);
    }
  }

  core.hub.tail.onChanges((changes) => {
    if (stopped || !changes.some(matters)) return;
    isStale = true;
    round ??= advanceWhileStale()
      .catch((error: unknown) => core.onWarning('placement could not go on; the next sweep tries again', error))
      .finally(() => {
        round = undefined;
      });
  });
  return async () => {
    stopped = true;
    await round;
  };
}

function matters(change: Change): boolean {
  if (change.entity !== 'plugin' || !change.plugin.managed || change.from === change.to) return false;
  return change.to === 'ACTIVE' || change.to === 'ERROR' || change.to === 'NONE';
}
