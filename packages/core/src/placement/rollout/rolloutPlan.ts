import type { PluginState, RolloutState, RolloutStepState, SupervisorState } from '@muster/db';

/** A version of the plugin on a step's supervisor. */
export interface StepPlugin {
  readonly state: PluginState;
  /** Whether the control plane wants it there. */
  readonly isWanted: boolean;
}

/** A step and what it is about, as it is now. */
export interface StepSituation {
  readonly supervisorId: string;
  readonly state: RolloutStepState;
  readonly supervisorState: SupervisorState;
  readonly cordoned: boolean;
  /** Whether the old version there is moving away, or has not arrived yet. */
  readonly isRelocating: boolean;
  /** Whether the new version had to be ACTIVE by now. */
  readonly isOverdue: boolean;
  /** The old version and the new one; null where there is none. */
  readonly from: StepPlugin | null;
  readonly to: StepPlugin | null;
  /** M1: the labels that the plugin was placed by. */
  readonly labels: object;
}

/** What one round does on one supervisor. */
export interface StepAction {
  readonly supervisorId: string;
  readonly state: RolloutStepState;
  readonly message: string | null;
  /** M1: the labels to place by. */
  readonly labels: object;
  /** The version to wish for there. */
  readonly installs?: 'from' | 'to';
  /** The version whose wish to withdraw. */
  readonly removes?: 'from' | 'to';
}

export interface RolloutPlan {
  readonly state: RolloutState;
  /** Why the rollout goes back; null where it doesn't begin to. */
  readonly message: string | null;
  readonly actions: readonly StepAction[];
}

/**
 * What a round of a rollout does: ends steps whose new version is ACTIVE, and begins as many as may be under way; or,
 * once a step has failed, goes back everywhere. A rollout that is over plans nothing.
 */
export function planRound(
  rollout: { readonly state: RolloutState; readonly maxUnavailable: number },
  steps: readonly StepSituation[],
): RolloutPlan {
  switch (rollout.state) {
    case 'RUNNING':
      return planForward(rollout.maxUnavailable, steps);
    case 'ROLLING_BACK':
      return planBack(steps);
    default:
      return { state: rollout.state, message: null, actions: [] };
  }
}

function planForward(maxUnavailable: number, steps: readonly StepSituation[]): RolloutPlan {
  const installing = steps.filter(({ state }) => state === 'INSTALLING');
  for (const step of installing) {
    const problem = problemOf(step);
    if (problem) return turnBack(steps, `on supervisor ${step.supervisorId} ${problem}`);
  }
  const done = installing
    .filter(({ to }) => to?.state === 'ACTIVE')
    .map((step) => stepAction(step, 'DONE', { removes: 'from' }));
  const actions: StepAction[] = [...done];
  let room = maxUnavailable - (installing.length - done.length);
  let waits = installing.length > done.length;
  for (const step of steps.filter(({ state }) => state === 'WAITING')) {
    const hindrance = hindranceOf(step);
    if (hindrance) {
      actions.push(stepAction(step, 'SKIPPED', { message: hindrance }));
      continue;
    }
    waits = true;
    if (room <= 0) continue;
    room -= 1;
    actions.push(stepAction(step, 'INSTALLING', { installs: 'to' }));
  }
  return { state: waits ? 'RUNNING' : 'COMPLETED', message: null, actions };
}

function problemOf({ to, isOverdue }: StepSituation): string | null {
  if (!to?.isWanted) return 'the new version was uninstalled';
  if (to.state === 'ERROR') return 'the new version turned ERROR';
  return to.state !== 'ACTIVE' && isOverdue ? 'the new version was not ACTIVE by its deadline' : null;
}

function hindranceOf({ supervisorState, cordoned, isRelocating, from, to }: StepSituation): string | null {
  if (supervisorState !== 'ENABLED') return `its supervisor is ${supervisorState}`;
  if (cordoned) return 'its supervisor is cordoned';
  if (!from?.isWanted) return 'the old version is no longer wanted there';
  if (isRelocating) return 'the old version is being moved';
  return to?.isWanted ? 'the new version is wanted there already' : null;
}

/** The old version of the steps that are done has to be installed beside the new one again, before that one goes. */
function turnBack(steps: readonly StepSituation[], message: string): RolloutPlan {
  const actions = steps.flatMap((step): StepAction[] => {
    switch (step.state) {
      case 'WAITING':
        return [stepAction(step, 'SKIPPED', { message: 'the rollout went back before' })];
      case 'INSTALLING':
        // Whoever uninstalled the old one meanwhile wants none of the two.
        return [stepAction(step, 'REVERTED', { removes: 'to' })];
      case 'DONE':
        return [returnOf(step)];
      default:
        return [];
    }
  });
  const waits = actions.some(({ state }) => state === 'REVERTING');
  return { state: waits ? 'ROLLING_BACK' : 'ROLLED_BACK', message, actions };
}

function returnOf(step: StepSituation): StepAction {
  const { supervisorState, to, from } = step;
  if (!to?.isWanted) return stepAction(step, 'DONE', { message: 'the new version is no longer wanted there' });
  // Somebody has installed it since: the two are wanted for reasons of their own.
  if (from?.isWanted) return stepAction(step, 'DONE', { message: 'the old version is wanted there as well' });
  if (supervisorState === 'ENABLED') return stepAction(step, 'REVERTING', { installs: 'from' });
  return stepAction(step, 'DONE', { message: `keeps the new version: its supervisor is ${supervisorState}` });
}

function planBack(steps: readonly StepSituation[]): RolloutPlan {
  const actions: StepAction[] = [];
  let waits = false;
  for (const step of steps.filter(({ state }) => state === 'REVERTING')) {
    const { from, supervisorState } = step;
    if (!from?.isWanted) {
      actions.push(stepAction(step, 'DONE', { message: 'keeps the new version: the old one was uninstalled' }));
    } else if (from.state === 'ACTIVE' || supervisorState === 'DISCONNECTED') {
      // From one that is DISCONNECTED nothing is served, so that nothing is lost there.
      actions.push(stepAction(step, 'REVERTED', { removes: 'to' }));
    } else waits = true;
  }
  return { state: waits ? 'ROLLING_BACK' : 'ROLLED_BACK', message: null, actions };
}

function stepAction(
  { supervisorId, labels }: StepSituation,
  state: RolloutStepState,
  what: { message?: string; installs?: 'from' | 'to'; removes?: 'from' | 'to' } = {},
): StepAction {
  return { supervisorId, labels, state, message: null, ...what };
}
