import type { ReadonlySignal } from '@preact/signals';
import { useRead } from '../../data/useRead.ts';
import { type RolloutStepState, rolloutProgress } from '../../generated/operations.ts';
import { Loading } from '../../ui/Feedback.tsx';
import { StepPicture, stepCounts } from './StepPicture.tsx';

interface StepProgressProps {
  readonly rolloutId: string;
  /** Moves when a step has changed. */
  readonly tick: ReadonlySignal<unknown>;
  readonly href?: (state: RolloutStepState) => string;
  readonly isSmall?: boolean;
}

/** How far the steps of a rollout are. */
export function StepProgress({ rolloutId, tick, ...rest }: StepProgressProps) {
  const state = useRead(rolloutProgress, { id: rolloutId }, tick).state.value;
  if (state.kind === 'loading' && !rest.isSmall) return <Loading lines={2} />;
  if (state.kind !== 'ready' || !state.result.rollout) return null;
  return <StepPicture counts={stepCounts(state.result.rollout)} {...rest} />;
}
