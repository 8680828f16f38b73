import type { RolloutProgressQuery, RolloutStepState } from '../../generated/operations.ts';
import { StateBadge } from '../../ui/StateBadge.tsx';
import { stepStateNames, stepStates } from './rolloutStates.ts';

/** How many steps are in each state. */
export type StepCounts = Readonly<Record<RolloutStepState, number>>;

/** The counts of an answer. */
export function stepCounts(progress: NonNullable<RolloutProgressQuery['rollout']>): StepCounts {
  return {
    WAITING: progress.waiting.totalCount,
    INSTALLING: progress.installing.totalCount,
    DONE: progress.done.totalCount,
    FAILED: progress.failed.totalCount,
    SKIPPED: progress.skipped.totalCount,
    REVERTING: progress.reverting.totalCount,
    REVERTED: progress.reverted.totalCount,
    REVERT_FAILED: progress.revertFailed.totalCount,
  };
}

interface StepPictureProps {
  readonly counts: StepCounts;
  /** The URL of the steps in one state. Default: the states are no links. */
  readonly href?: (state: RolloutStepState) => string;
  /** Shows the bar alone. */
  readonly isSmall?: boolean;
}

/** A picture of the steps: a bar with a part for each state, and the numbers below it. */
export function StepPicture({ counts, href, isSmall = false }: StepPictureProps) {
  const present = stepStateNames.filter((state) => counts[state] > 0);
  const total = present.reduce((sum, state) => sum + counts[state], 0);
  const words = present.map((state) => `${counts[state]} ${stepStates[state].word.toLowerCase()}`).join(', ');
  return (
    <div class={`steps-picture${isSmall ? ' small' : ''}`}>
      <svg class="steps-bar" viewBox={`0 0 ${Math.max(1, total)} 1`} preserveAspectRatio="none" role="img">
        <title>{total === 0 ? 'No steps' : `Of ${total} steps: ${words}`}</title>
        {present.map((state, index) => (
          <rect
            key={state}
            data-step={state}
            x={present.slice(0, index).reduce((sum, each) => sum + counts[each], 0)}
            width={counts[state]}
            height="1"
          />
        ))}
      </svg>
      {!isSmall && (
        <ul class="steps-legend">
          {present.map((state) => (
            <li key={state} data-step={state}>
              <span class="steps-key" />
              {href ? (
                <a href={href(state)}>
                  <StateBadge look={stepStates[state]} />
                </a>
              ) : (
                <StateBadge look={stepStates[state]} />
              )}
              <strong>{counts[state].toLocaleString('en-US')}</strong>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
