import { planBack } from './rollbackPlan.ts';
import type { RolloutEvent } from './rolloutLifecycle.ts';
import { after, type RolloutPlan, type RolloutSituation, type Tally, tallyOf } from './rolloutSituation.ts';
import { actionOf, hindranceOf, inWords, type StepAction, type StepSituation, waiting } from './stepSituation.ts';

/**
 * Plans one round of a rollout. Rounds follow each other until one has nothing to do: a rollout that halts in one round
 * goes back in the next. A rollout that has ended gets an empty plan.
 */
export function planRound(rollout: RolloutSituation, steps: readonly StepSituation[]): RolloutPlan {
  switch (rollout.state) {
    case 'RUNNING':
    case 'AWAITING_PROMOTION':
    case 'PAUSED':
      return planForward(rollout, steps);
    case 'ROLLING_BACK':
      return planBack(rollout, steps);
    default:
      return { state: rollout.state, message: rollout.message, actions: [] };
  }
}

function planForward(rollout: RolloutSituation, steps: readonly StepSituation[]): RolloutPlan {
  const judged = steps.flatMap(judge);
  const tally = tallyOf(steps, judged);
  const halt = haltOf(rollout, steps, judged, tally);
  if (halt) return { ...halt, actions: judged };
  if (rollout.state === 'PAUSED') return { state: 'PAUSED', message: rollout.message, actions: judged };
  if (rollout.state === 'AWAITING_PROMOTION' && rollout.isPromotionDue) {
    return { ...ending('promotionIsDue', judged), promotes: true };
  }
  const begun =
    rollout.state === 'RUNNING' && !rollout.isHeld ? beginSteps(rollout, steps, roomOf(rollout, tally)) : [];
  const actions = [...judged, ...begun];
  const { WAITING, INSTALLING, DONE } = tallyOf(steps, actions);
  if (INSTALLING > 0) return ending(null, actions);
  const awaitsRelocations = rollout.awaitsRelocations && !rollout.isOverdue;
  if (WAITING === 0 && !awaitsRelocations) return ending('ends', actions);
  const isCanaryDone = isCanary(rollout) && DONE >= (rollout.canaryCount ?? 0);
  return ending(isCanaryDone && rollout.state === 'RUNNING' ? 'canaryIsDone' : null, actions);

  function ending(event: RolloutEvent | null, planned: readonly StepAction[]): RolloutPlan {
    return { state: after(rollout.state, event), message: rollout.message, actions: planned };
  }
}

/** R1, R2: what has become of a step that is under way, or done. */
function judge(step: StepSituation): StepAction[] {
  const { state, from, to, isHealthy, isOverdue } = step;
  if (state === 'DONE') {
    if (!to?.isWanted || to.state !== 'ERROR') return [];
    return [actionOf(step, 'fails', { message: `the new version, once done, is ${inWords(to)}` })];
  }
  if (state !== 'INSTALLING') return [];
  if (!to?.isWanted) {
    if (!from?.isWanted) return [actionOf(step, 'isSkipped', { message: 'both versions were uninstalled' })];
    return [actionOf(step, 'fails', { message: 'the new version was uninstalled' })];
  }
  if (isHealthy) return [actionOf(step, 'succeeds', { removes: 'from' })];
  if (!isOverdue) return [];
  const found = to.state === 'ACTIVE' ? 'ACTIVE for too short a time' : inWords(to);
  const message = `the new version was ${found} by its deadline`;
  // Where the old version is gone, the new one is all there is.
  return [actionOf(step, 'fails', { message, removes: from?.isWanted ? 'to' : undefined })];
}

/** Why a rollout halts, and its state then; null where it goes on. */
function haltOf(
  rollout: RolloutSituation,
  steps: readonly StepSituation[],
  judged: readonly StepAction[],
  tally: Tally,
): Omit<RolloutPlan, 'actions'> | null {
  return haltOfFailures(rollout, steps, judged, tally) ?? haltOfRetirement(rollout, tally);
}

/** C1: a retired release is placed no more, which an operator has to decide about. */
function haltOfRetirement(
  { state, retiredReleaseId }: RolloutSituation,
  { WAITING }: Tally,
): Omit<RolloutPlan, 'actions'> | null {
  if (state !== 'RUNNING' || retiredReleaseId === null || WAITING === 0) return null;
  return {
    state: after(state, 'haltsToPause'),
    message: `the release of the new version, ${retiredReleaseId}, is retired`,
  };
}

/** R2: the halt where more steps failed than may. */
function haltOfFailures(
  rollout: RolloutSituation,
  steps: readonly StepSituation[],
  judged: readonly StepAction[],
  { FAILED }: Tally,
): Omit<RolloutPlan, 'actions'> | null {
  if (rollout.state === 'PAUSED' || FAILED - rollout.acceptedFailures <= rollout.maxFailures) return null;
  const failed = [...judged, ...steps].find(({ state }) => state === 'FAILED');
  const message = failed ? `on supervisor ${failed.supervisorId} ${failed.message}` : null;
  return { state: after(rollout.state, rollout.onFailure === 'PAUSE' ? 'haltsToPause' : 'haltsToGoBack'), message };
}

const isCanary = ({ canaryCount, isPromoted }: RolloutSituation) => canaryCount !== null && !isPromoted;

/** The number of steps that may begin. R5: of a canary, as many as it still lacks; a failed step is replaced by another. */
function roomOf(rollout: RolloutSituation, { INSTALLING, DONE }: Tally): number {
  const room = rollout.maxUnavailable - INSTALLING;
  return isCanary(rollout) ? Math.min(room, (rollout.canaryCount ?? 0) - INSTALLING - DONE) : room;
}

/** R3, R4: each step is judged at its turn; one that has to wait lets the next go before it. */
function beginSteps(rollout: RolloutSituation, steps: readonly StepSituation[], room: number): StepAction[] {
  let left = room;
  return steps.flatMap((step) => {
    if (step.state !== 'WAITING' || left <= 0) return [];
    const end = endOf(step);
    if (end !== null) return [actionOf(step, 'isSkipped', { message: end })];
    const hindrance = hindranceOf(step);
    if (hindrance !== null) {
      if (rollout.isOverdue) return [actionOf(step, 'isSkipped', { message: `by the deadline, ${hindrance}` })];
      return waiting(step, `waits: ${hindrance}`);
    }
    left -= 1;
    return [actionOf(step, 'begins', { installs: 'to' })];
  });
}

/** R4: why a step takes no part any more; null where it does. */
function endOf({ matchesLabels, isRelocating, from, to }: StepSituation): string | null {
  if (!matchesLabels) return 'its supervisor no longer has the labels';
  if (!from?.isWanted) return 'the old version is no longer wanted there';
  return to?.isWanted && !isRelocating ? 'the new version is wanted there already' : null;
}
