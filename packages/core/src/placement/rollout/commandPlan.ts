import type { RolloutState } from '@muster/db';
import { type RolloutCommand, rolloutCommandOutcomes } from './rolloutLifecycle.ts';
import { type RolloutPlan, type RolloutSituation, tallyOf } from './rolloutSituation.ts';
import { actionOf, type StepAction, type StepSituation } from './stepSituation.ts';

/**
 * Plans an operator's command (R3, R5): null where it changes nothing, `refuse` where the rollout's state has no such
 * command.
 */
export function planCommand(
  rollout: Pick<RolloutSituation, 'state' | 'message' | 'acceptedFailures'>,
  steps: readonly StepSituation[],
  command: RolloutCommand,
): RolloutPlan | 'refuse' | null {
  const outcome = rolloutCommandOutcomes[rollout.state][command];
  if (outcome === 'refuse') return 'refuse';
  if (outcome === 'stay') return null;
  const actions = actionsOf(steps, command, outcome);
  if (command === 'retry' && actions.length === 0) return null;
  const goesOn = command === 'resume' || command === 'retry';
  return {
    state: outcome,
    message: messageOf(rollout.message, command, outcome),
    actions,
    promotes: command === 'promote',
    renewsDeadline: command === 'retry',
    acceptedFailures: goesOn ? tallyOf(steps, actions).FAILED : rollout.acceptedFailures,
  };
}

function messageOf(message: string | null, command: RolloutCommand, outcome: RolloutState): string | null {
  if (command === 'rollBack') return 'an operator rolled it back';
  // A retry of going back is for the same reason as before.
  return (command === 'resume' || command === 'retry') && outcome === 'RUNNING' ? null : message;
}

function actionsOf(steps: readonly StepSituation[], command: RolloutCommand, outcome: RolloutState): StepAction[] {
  if (command === 'cancel') return steps.flatMap(cancel);
  if (command !== 'retry') return [];
  return steps.flatMap((step) => (outcome === 'ROLLING_BACK' ? retryReturn(step) : retry(step)));
}

/** R5: everything stays as it is, and where both versions are wanted, the one that was there before. */
function cancel(step: StepSituation): StepAction[] {
  const { state, from, to } = step;
  switch (state) {
    case 'WAITING':
      return [actionOf(step, 'isCanceled', { message: 'the rollout was canceled before its turn' })];
    case 'INSTALLING': {
      const removes = from?.isWanted ? 'to' : undefined;
      return [actionOf(step, 'isCanceled', { message: 'the rollout was canceled meanwhile', removes })];
    }
    case 'REVERTING':
      if (!to?.isWanted) return [actionOf(step, 'isBack', { message: 'the rollout was canceled meanwhile' })];
      return [actionOf(step, 'isCanceled', { message: 'the rollout was canceled meanwhile', removes: 'from' })];
    default:
      return [];
  }
}

/** R3: takes up what was skipped or failed. */
function retry(step: StepSituation): StepAction[] {
  const { state, from, to } = step;
  if (state === 'SKIPPED') return [actionOf(step, 'isRetried')];
  if (state !== 'FAILED') return [];
  return [actionOf(step, to?.isWanted && !from?.isWanted ? 'isRetriedInPlace' : 'isRetried')];
}

/** R3, R6: takes up the way back where it failed. */
function retryReturn(step: StepSituation): StepAction[] {
  return step.state === 'REVERT_FAILED' ? [actionOf(step, 'isRetried')] : [];
}
