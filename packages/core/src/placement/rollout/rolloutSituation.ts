import type { Rollout, RolloutState, RolloutStepState } from '@muster/db';
import { type RolloutEvent, rolloutLifecycle } from './rolloutLifecycle.ts';
import type { StepAction, StepSituation } from './stepSituation.ts';

/** A rollout, with what the database's clock says of it. */
export interface RolloutSituation
  extends Pick<
    Rollout,
    'state' | 'message' | 'maxUnavailable' | 'maxFailures' | 'onFailure' | 'acceptedFailures' | 'canaryCount'
  > {
  /** R5: whether the canary has been promoted. */
  readonly isPromoted: boolean;
  /** R5: whether a canary that waits has waited for `autoPromoteSeconds`. */
  readonly isPromotionDue: boolean;
  /** R3: whether `deadlineSeconds` have passed. */
  readonly isOverdue: boolean;
  /** R6: whether going back is past its deadline. */
  readonly isRollbackOverdue: boolean;
  /** C1: the release of the new version, if it is retired: no further step begins. */
  readonly retiredReleaseId: string | null;
  /** C2: whether its deployment is paused: no step begins. */
  readonly isHeld: boolean;
  /** R4: whether a plugin of the old version is on its way to a supervisor that has no step yet. */
  readonly awaitsRelocations: boolean;
}

/** The plan of one round. */
export interface RolloutPlan {
  readonly state: RolloutState;
  /** Why it halted or goes back; null where it did neither. */
  readonly message: string | null;
  readonly actions: readonly StepAction[];
  /** R5: whether the canary is promoted. Default: no. */
  readonly promotes?: boolean;
  /** R3: whether `deadlineSeconds` begin anew. Default: no. */
  readonly renewsDeadline?: boolean;
  /** R2: the failures that no longer count, since an operator had it go on. Default: as before. */
  readonly acceptedFailures?: number;
}

/** The state of a rollout after an event; unchanged for null. */
export function after(state: RolloutState, event: RolloutEvent | null): RolloutState {
  if (event === null) return state;
  const next = rolloutLifecycle[state][event];
  if (next === null) throw new Error(`a ${state} rollout has no event ${event}`);
  return next;
}

/** How many steps are in each state. */
export type Tally = Record<RolloutStepState, number>;

/** How many steps are in each state once the actions are done. */
export function tallyOf(steps: readonly StepSituation[], actions: readonly StepAction[]): Tally {
  const next = new Map(actions.map(({ supervisorId, state }) => [supervisorId, state]));
  const tally: Tally = {
    WAITING: 0,
    INSTALLING: 0,
    DONE: 0,
    FAILED: 0,
    SKIPPED: 0,
    REVERTING: 0,
    REVERTED: 0,
    REVERT_FAILED: 0,
  };
  for (const { supervisorId, state } of steps) tally[next.get(supervisorId) ?? state] += 1;
  return tally;
}
