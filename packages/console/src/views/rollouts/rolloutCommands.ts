import { CirclePause, CirclePlay, CircleStop, FastForward, type IconNode, RotateCw, Undo2 } from 'lucide';
import type { Document } from '../../data/document.ts';
import {
  cancelRollout,
  pauseRollout,
  promoteRollout,
  type RolloutState,
  resumeRollout,
  retryRollout,
  rollBackRollout,
} from '../../generated/operations.ts';

/** A command to a rollout, as a button and its dialog. */
export interface RolloutCommand {
  readonly verb: string;
  readonly icon: IconNode;
  /** The states in which it is offered: those in which it is not refused, and changes something (R5). */
  readonly states: readonly RolloutState[];
  readonly document: Document<unknown, { readonly input: { readonly rolloutId: string } }>;
  readonly consequence: string;
  /** The words after success. */
  readonly done: string;
  /** Whether it ends the rollout, so that its plugin's id is typed first (K13). */
  readonly ends?: true;
}

/** All commands, the most likely one of each state first. */
export const rolloutCommands: readonly RolloutCommand[] = [
  {
    verb: 'Promote',
    icon: FastForward,
    states: ['AWAITING_PROMOTION'],
    document: promoteRollout,
    consequence: 'The canaries are well enough: the new version goes on to all other supervisors.',
    done: 'The rollout goes on to all others.',
  },
  {
    verb: 'Resume',
    icon: CirclePlay,
    states: ['PAUSED'],
    document: resumeRollout,
    consequence: 'Further steps begin again, as many at a time as the rollout allows.',
    done: 'The rollout goes on.',
  },
  {
    verb: 'Pause',
    icon: CirclePause,
    states: ['RUNNING', 'AWAITING_PROMOTION'],
    document: pauseRollout,
    consequence: 'No further step begins until it is resumed. Steps that are under way come to their ends.',
    done: 'The rollout is paused.',
  },
  {
    verb: 'Roll back',
    icon: Undo2,
    states: ['RUNNING', 'AWAITING_PROMOTION', 'PAUSED'],
    document: rollBackRollout,
    consequence:
      'The old version is restored on each supervisor where it was replaced. This can’t be stopped midway but by a cancel.',
    done: 'The rollout goes back.',
    ends: true,
  },
  {
    verb: 'Cancel',
    icon: CircleStop,
    states: ['RUNNING', 'AWAITING_PROMOTION', 'PAUSED', 'ROLLING_BACK'],
    document: cancelRollout,
    consequence:
      'The rollout ends here: each supervisor keeps the version that it has now, so both versions may run on.',
    done: 'The rollout is canceled.',
    ends: true,
  },
  {
    verb: 'Retry',
    icon: RotateCw,
    states: ['RUNNING', 'AWAITING_PROMOTION', 'PAUSED', 'COMPLETED', 'CANCELED', 'ROLLBACK_FAILED'],
    document: retryRollout,
    consequence:
      'Steps that failed or were skipped are tried once more; of a rollback that failed, those that could not go back.',
    done: 'The rollout tries again.',
  },
];
