import type { PluginState, RolloutState, RolloutStepState, SupervisorState } from '@muster/db';

/** One version of the plugin on the supervisor of a step. */
interface StepPlugin {
  readonly state: PluginState;
  /** Whether the control plane wants it there. */
  readonly isWanted: boolean;
}

/** A step with the present state of its supervisor and plugins. */
export interface StepSituation {
  readonly supervisorId: string;
  readonly state: RolloutStepState;
  readonly supervisorState: SupervisorState;
  readonly cordoned: boolean;
  /** Whether the old version there is being relocated, or is itself a replacement. */
  readonly isRelocating: boolean;
  /** Whether the deadline of the new version has passed. */
  readonly isOverdue: boolean;
  /** The old version and the new version; null where it is not there. */
  readonly from: StepPlugin | null;
  readonly to: StepPlugin | null;
  readonly placement: StepPlacement;
}

/** How the plugin of a step was placed, and will be. */
interface StepPlacement {
  /** M1: the labels that its supervisor must have. */
  readonly labels: object;
  /** M2: whether a public supervisor of another domain may take it. */
  readonly allowPublic: boolean;
  /** M6: whether it stays on its supervisor. */
  readonly pinned: boolean;
}

/** The change that one round makes on one supervisor. */
export interface StepAction {
  readonly supervisorId: string;
  readonly state: RolloutStepState;
  readonly message: string | null;
  readonly placement: StepPlacement;
  /** The version to install. */
  readonly installs?: 'from' | 'to';
  /** The version to withdraw. */
  readonly removes?: 'from' | 'to';
}

/** The plan of one round. */
export interface RolloutPlan {
  readonly state: RolloutState;
  /** The reason for a rollback that begins; null otherwise. */
  readonly message: string | null;
  readonly actions: readonly StepAction[];
}

/**
 * Plans one round of a rollout: ends the steps whose new version is ACTIVE, and begins as many as may be under way; or,
 * once a step has failed, rolls back all. A rollout that has ended gets an empty plan.
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

/**
 * Plans the rollback. On done steps, the old version is installed beside the new version again, before that is
 * withdrawn.
 */
function turnBack(steps: readonly StepSituation[], message: string): RolloutPlan {
  const actions = steps.flatMap((step): StepAction[] => {
    switch (step.state) {
      case 'WAITING':
        return [stepAction(step, 'SKIPPED', { message: 'the rollout went back before' })];
      case 'INSTALLING':
        // Where the old version was uninstalled meanwhile, neither version is wanted.
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
  // The old version was installed again since: both versions are wanted.
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
      // A DISCONNECTED supervisor serves nothing, so nothing is lost there.
      actions.push(stepAction(step, 'REVERTED', { removes: 'to' }));
    } else waits = true;
  }
  return { state: waits ? 'ROLLING_BACK' : 'ROLLED_BACK', message: null, actions };
}

function stepAction(
  { supervisorId, placement }: StepSituation,
  state: RolloutStepState,
  what: { message?: string; installs?: 'from' | 'to'; removes?: 'from' | 'to' } = {},
): StepAction {
  return { supervisorId, placement, state, message: null, ...what };
}
