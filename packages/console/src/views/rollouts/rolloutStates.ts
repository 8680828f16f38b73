import { Ban, CircleCheck, CirclePause, CircleX, Clock, Hourglass, LoaderCircle, SkipForward, Undo2 } from 'lucide';
import type { RolloutState, RolloutStepState } from '../../generated/operations.ts';
import type { StateLook } from '../../ui/states.ts';

export const rolloutStates: Readonly<Record<RolloutState, StateLook>> = {
  RUNNING: { tone: 'busy', icon: LoaderCircle, word: 'Running' },
  AWAITING_PROMOTION: { tone: 'warn', icon: Hourglass, word: 'Awaiting promotion' },
  PAUSED: { tone: 'warn', icon: CirclePause, word: 'Paused' },
  ROLLING_BACK: { tone: 'warn', icon: Undo2, word: 'Rolling back' },
  COMPLETED: { tone: 'good', icon: CircleCheck, word: 'Completed' },
  CANCELED: { tone: 'off', icon: Ban, word: 'Canceled' },
  ROLLED_BACK: { tone: 'bad', icon: Undo2, word: 'Rolled back' },
  ROLLBACK_FAILED: { tone: 'bad', icon: CircleX, word: 'Rollback failed' },
};

export const stepStates: Readonly<Record<RolloutStepState, StateLook>> = {
  WAITING: { tone: 'off', icon: Clock, word: 'Waiting' },
  INSTALLING: { tone: 'busy', icon: LoaderCircle, word: 'Installing' },
  DONE: { tone: 'good', icon: CircleCheck, word: 'Done' },
  FAILED: { tone: 'bad', icon: CircleX, word: 'Failed' },
  SKIPPED: { tone: 'off', icon: SkipForward, word: 'Skipped' },
  REVERTING: { tone: 'warn', icon: Undo2, word: 'Reverting' },
  REVERTED: { tone: 'off', icon: Undo2, word: 'Reverted' },
  REVERT_FAILED: { tone: 'bad', icon: CircleX, word: 'Revert failed' },
};

/** The states of a step, in the order in which the picture has them. */
export const stepStateNames = [
  'DONE',
  'INSTALLING',
  'FAILED',
  'REVERT_FAILED',
  'REVERTING',
  'REVERTED',
  'SKIPPED',
  'WAITING',
] as const satisfies readonly RolloutStepState[];

/** Whether a rollout still changes by itself, or waits for a command. */
export const isUnderWay = ({ endedAt }: { readonly endedAt: string | null }) => endedAt === null;
