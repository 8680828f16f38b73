import type { RolloutState, RolloutStepState } from '@muster/db';

/** An operator's commands for a rollout (R3, R5). */
export const rolloutCommands = ['pause', 'resume', 'promote', 'rollBack', 'cancel', 'retry'] as const;
/** One of these commands. */
export type RolloutCommand = (typeof rolloutCommands)[number];

/** An event of a rollout that no operator makes. */
export type RolloutEvent =
  /** R5: the canary's steps are done, and others wait. */
  | 'canaryIsDone'
  /** R5: `autoPromoteSeconds` have passed. */
  | 'promotionIsDue'
  /** R2: more steps failed than may, and the rollout is to go back, or to pause. */
  | 'haltsToGoBack'
  | 'haltsToPause'
  /** No step is under way or waits, and, where it went back, the old version is restored everywhere. */
  | 'ends'
  /** R6: it went back, and the old version is not restored everywhere. */
  | 'endsInPart';

/** A state to change to; `stay` for none; `refuse` for PLUGIN_STATE. */
type CommandOutcome = RolloutState | 'stay' | 'refuse';

/** docs/domain.md, "Rollouts": the outcome of each command in each state. */
export const rolloutCommandOutcomes: Record<RolloutState, Record<RolloutCommand, CommandOutcome>> = {
  RUNNING: {
    pause: 'PAUSED',
    resume: 'stay',
    promote: 'refuse',
    rollBack: 'ROLLING_BACK',
    cancel: 'CANCELED',
    retry: 'RUNNING',
  },
  AWAITING_PROMOTION: {
    pause: 'PAUSED',
    resume: 'stay',
    promote: 'RUNNING',
    rollBack: 'ROLLING_BACK',
    cancel: 'CANCELED',
    retry: 'RUNNING',
  },
  PAUSED: {
    pause: 'stay',
    resume: 'RUNNING',
    promote: 'refuse',
    rollBack: 'ROLLING_BACK',
    cancel: 'CANCELED',
    retry: 'RUNNING',
  },
  ROLLING_BACK: {
    pause: 'refuse',
    resume: 'refuse',
    promote: 'refuse',
    rollBack: 'stay',
    cancel: 'CANCELED',
    retry: 'refuse',
  },
  COMPLETED: {
    pause: 'refuse',
    resume: 'refuse',
    promote: 'refuse',
    rollBack: 'refuse',
    cancel: 'refuse',
    retry: 'RUNNING',
  },
  CANCELED: {
    pause: 'refuse',
    resume: 'refuse',
    promote: 'refuse',
    rollBack: 'refuse',
    cancel: 'stay',
    retry: 'RUNNING',
  },
  ROLLED_BACK: {
    pause: 'refuse',
    resume: 'refuse',
    promote: 'refuse',
    rollBack: 'stay',
    cancel: 'refuse',
    retry: 'refuse',
  },
  ROLLBACK_FAILED: {
    pause: 'refuse',
    resume: 'refuse',
    promote: 'refuse',
    rollBack: 'refuse',
    cancel: 'refuse',
    retry: 'ROLLING_BACK',
  },
};

const over = {
  canaryIsDone: null,
  promotionIsDue: null,
  haltsToGoBack: null,
  haltsToPause: null,
  ends: null,
  endsInPart: null,
} as const;

/** docs/domain.md, "Rollouts": the state after each event; null where it can't happen. */
export const rolloutLifecycle: Record<RolloutState, Record<RolloutEvent, RolloutState | null>> = {
  RUNNING: {
    canaryIsDone: 'AWAITING_PROMOTION',
    promotionIsDue: null,
    haltsToGoBack: 'ROLLING_BACK',
    haltsToPause: 'PAUSED',
    ends: 'COMPLETED',
    endsInPart: null,
  },
  AWAITING_PROMOTION: {
    canaryIsDone: null,
    promotionIsDue: 'RUNNING',
    haltsToGoBack: 'ROLLING_BACK',
    haltsToPause: 'PAUSED',
    ends: 'COMPLETED',
    endsInPart: null,
  },
  PAUSED: over,
  ROLLING_BACK: { ...over, ends: 'ROLLED_BACK', endsInPart: 'ROLLBACK_FAILED' },
  COMPLETED: over,
  CANCELED: over,
  ROLLED_BACK: over,
  ROLLBACK_FAILED: over,
};

/** The states of a rollout that has ended: it bars no other of the same plugin. */
export const endedStates = [
  'COMPLETED',
  'CANCELED',
  'ROLLED_BACK',
  'ROLLBACK_FAILED',
] as const satisfies readonly RolloutState[];

/** An event of a step. */
export type StepEvent =
  /** Its turn has come: the new version is installed. */
  | 'begins'
  /** R3, R4: it takes no part any more. */
  | 'isSkipped'
  /** R1. */
  | 'succeeds'
  /** R1, R2. */
  | 'fails'
  /** R6: the old version is to come back. */
  | 'goesBack'
  /** R6: the old version is back, or was there all the time. */
  | 'isBack'
  /** R6: the old version does not come back. */
  | 'staysAway'
  /** R5. */
  | 'isCanceled'
  /** R3; `isRetriedInPlace` where only the new version is there. */
  | 'isRetried'
  | 'isRetriedInPlace';

const none = {
  begins: null,
  isSkipped: null,
  succeeds: null,
  fails: null,
  goesBack: null,
  isBack: null,
  staysAway: null,
  isCanceled: null,
  isRetried: null,
  isRetriedInPlace: null,
} as const;

/** docs/domain.md, "Rollouts": the state of a step after each event; null where it stays as it is. */
export const stepLifecycle: Record<RolloutStepState, Record<StepEvent, RolloutStepState | null>> = {
  WAITING: { ...none, begins: 'INSTALLING', isSkipped: 'SKIPPED', isCanceled: 'SKIPPED' },
  INSTALLING: {
    ...none,
    isSkipped: 'SKIPPED',
    succeeds: 'DONE',
    fails: 'FAILED',
    isBack: 'REVERTED',
    isCanceled: 'SKIPPED',
  },
  DONE: {
    ...none,
    isSkipped: 'SKIPPED',
    fails: 'FAILED',
    goesBack: 'REVERTING',
    isBack: 'REVERTED',
    staysAway: 'REVERT_FAILED',
  },
  FAILED: {
    ...none,
    isSkipped: 'SKIPPED',
    goesBack: 'REVERTING',
    isBack: 'REVERTED',
    staysAway: 'REVERT_FAILED',
    isRetried: 'WAITING',
    isRetriedInPlace: 'INSTALLING',
  },
  SKIPPED: { ...none, isRetried: 'WAITING' },
  REVERTING: {
    ...none,
    isSkipped: 'SKIPPED',
    isBack: 'REVERTED',
    staysAway: 'REVERT_FAILED',
    isCanceled: 'DONE',
  },
  REVERTED: none,
  REVERT_FAILED: { ...none, isRetried: 'FAILED' },
};
