import { ownWork } from '@muster/db';
import { systemSubject } from '../access/viewer.ts';
import type { CoreInternals } from '../core.ts';
import type { Change } from '../event/change.ts';
import { advanceDeployments, followLog } from './deployment/reconcile.ts';
import { advanceRelocations } from './drain/relocations.ts';
import { advanceRollouts } from './rollout/rolloutRound.ts';
import { isPlacementUnderWay } from './sql/isPlacementUnderWay.ts';

/** Advances deployments, rollouts, drains and relocations as far as possible now. Safe on several replicas at once. */
export async function advancePlacement(core: CoreInternals): Promise<void> {
  const failures: unknown[] = [];
  for (const advance of [advanceDeployments, advanceRollouts, advanceRelocations]) {
    // One that fails stops none of the others.
    await advance(core).catch((error: unknown) => failures.push(error));
  }
  if (failures.length > 0) throw failures[0];
}

/**
 * Calls `advancePlacement` whenever a managed plugin came up, failed or went, and has deployments follow whatever else
 * happens (M7), so that placement need not wait for the next sweep. Rounds don't overlap; a change during one round starts another.
 *
 * @returns a function that stops this, and resolves once no round is under way
 */
export function advanceOnChanges(core: CoreInternals): () => Promise<void> {
  let round: Promise<void> | undefined;
  let isStale = false;
  let hasNews = false;
  /** Whether there may be deployments: an event says so before the first one has anything to follow (E4). */
  let mayBeDeployed = true;
  let stopped = false;

  async function followDeployments(): Promise<void> {
    mayBeDeployed = false;
    let areThere = true;
    try {
      areThere = await followLog(core);
    } finally {
      // One may have been made meanwhile.
      mayBeDeployed ||= areThere;
    }
  }

  async function advanceWhileStale(): Promise<void> {
    while ((isStale || hasNews) && !stopped) {
      const mayGoOn = isStale;
      isStale = hasNews = false;
      if (mayGoOn && (await isPlacementUnderWay(core.db.sql))) await advancePlacement(core);
      else if (mayBeDeployed) await followDeployments();
    }
  }

  core.hub.tail.onChanges((changes) => {
    if (stopped || !changes.some(concernsDeployments)) return;
    isStale ||= changes.some(matters);
    hasNews = true;
    mayBeDeployed ||= changes.some(({ entity }) => entity === 'deployment');
    // The change may have been read for somebody's operation.
    round ??= core.db
      .runAs(ownWork('sweeps'), advanceWhileStale)
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

/** M7: whatever changes, but for what the control plane itself wrote of a deployment. */
function concernsDeployments(change: Change): boolean {
  return change.entity !== 'deployment' || change.actor !== systemSubject;
}
