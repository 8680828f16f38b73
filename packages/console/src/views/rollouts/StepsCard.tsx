import type { ReadonlySignal } from '@preact/signals';
import { ListChecks, X } from 'lucide';
import { useMemo } from 'preact/hooks';
import { useServices } from '../../app/services.ts';
import { useLiveList } from '../../data/useLiveList.ts';
import { useRead } from '../../data/useRead.ts';
import { type RolloutStepState, rolloutSteps } from '../../generated/operations.ts';
import { Button } from '../../ui/Button.tsx';
import { ListBar } from '../../ui/ListBar.tsx';
import { LiveTable } from '../../ui/LiveTable.tsx';
import { NoRows } from '../../ui/NoRows.tsx';
import { Card } from '../../ui/Page.tsx';
import { oneOf, paging } from '../../url/query.ts';
import { useQuery } from '../../url/useQuery.ts';
import { pageVariables } from '../pageVariables.ts';
import { stepStateNames, stepStates } from './rolloutStates.ts';
import { StepGrid } from './StepGrid.tsx';
import { StepProgress } from './StepProgress.tsx';
import { stepColumns } from './stepColumns.tsx';
import { type StepRow, stepSource } from './stepSource.ts';

const parts = { step: oneOf(stepStateNames), page: paging };
/** As many tiles are still a picture. */
const mostTiles = 100;

interface StepsProps {
  readonly rolloutId: string;
  /** Moves with each change of a step. */
  readonly changes: ReadonlySignal<number>;
}

/** The steps of a rollout: a picture of all, and a page of them. */
export function StepsCard({ rolloutId, changes }: StepsProps) {
  const url = useQuery(parts);
  const { step } = url.query;
  return (
    <>
      <Card
        title="Steps"
        beside={
          step && (
            <Button kind="quiet" icon={X} onClick={() => url.change({ step: null })}>
              {stepStates[step].word} only
            </Button>
          )
        }
      >
        <div class="card-body">
          <StepProgress rolloutId={rolloutId} tick={changes} href={(state) => url.href({ step: state })} />
          <StepTiles rolloutId={rolloutId} changes={changes} />
        </div>
      </Card>
      <StepList rolloutId={rolloutId} changes={changes} step={step} />
    </>
  );
}

function StepTiles({ rolloutId, changes }: StepsProps) {
  const state = useRead(rolloutSteps, { id: rolloutId, first: mostTiles }, changes).state.value;
  const steps = state.kind === 'ready' ? state.result.rollout?.steps : undefined;
  return steps && steps.totalCount <= mostTiles ? <StepGrid steps={steps.nodes} /> : null;
}

function StepList({ rolloutId, changes, step }: StepsProps & { readonly step: RolloutStepState | null }) {
  const services = useServices();
  const url = useQuery(parts);
  const { page } = url.query;
  const source = useMemo(
    () =>
      stepSource(services, changes, {
        id: rolloutId,
        ...(step !== null && { filter: { state: { eq: step } } }),
        ...pageVariables(page),
      }),
    [services, changes, rolloutId, step, page],
  );
  const list = useLiveList(source);
  return (
    <>
      <ListBar list={list} what="steps" paging={page} onPage={(next) => url.change({ page: next })} />
      <LiveTable<StepRow>
        caption="Steps, in the order in which they begin"
        list={list}
        columns={stepColumns}
        empty={
          <NoRows what="step" icon={ListChecks} isFiltered={step !== null} onClear={url.clear}>
            No supervisor has the old version.
          </NoRows>
        }
      />
    </>
  );
}
