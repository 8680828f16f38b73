import { type ReadonlySignal, signal } from '@preact/signals';
import { Rocket } from 'lucide';
import { useMemo } from 'preact/hooks';
import { useServices } from '../../app/services.ts';
import { useLiveList } from '../../data/useLiveList.ts';
import type { RolloutRowFragment } from '../../generated/operations.ts';
import { Labels } from '../../ui/Labels.tsx';
import { Link } from '../../ui/Link.tsx';
import { LiveObject } from '../../ui/LiveObject.tsx';
import { Message } from '../../ui/Message.tsx';
import { Card, Facts, Page } from '../../ui/Page.tsx';
import { StateBadge } from '../../ui/StateBadge.tsx';
import { Time } from '../../ui/Time.tsx';
import { durationText } from '../../ui/timeText.ts';
import { EventList } from '../events/EventList.tsx';
import { RolloutActions } from './RolloutActions.tsx';
import { rolloutSource } from './rolloutSource.ts';
import { isUnderWay, rolloutStates } from './rolloutStates.ts';
import { StepsCard } from './StepsCard.tsx';
import { VersionStep } from './VersionStep.tsx';
import './rollouts.css';

/** One rollout: its steps as they go, and the commands that it takes. */
export function RolloutView({ id }: { readonly id: string }) {
  const services = useServices();
  const changes = useMemo(() => signal(0), []);
  const source = useMemo(
    () =>
      rolloutSource(services, id, () => {
        changes.value++;
      }),
    [services, id, changes],
  );
  const list = useLiveList(source);
  return (
    <LiveObject<RolloutRowFragment> list={list} id={id} title="Rollout" what="rollout" icon={Rocket} backTo="/rollouts">
      {(row) => <Rollout row={row} changes={changes} />}
    </LiveObject>
  );
}

interface RolloutProps {
  readonly row: RolloutRowFragment;
  /** Moves with each change of it, or of one of its steps. */
  readonly changes: ReadonlySignal<number>;
}

function Rollout({ row, changes }: RolloutProps) {
  const filter = useMemo(() => ({ rolloutId: { eq: row.id } }), [row.id]);
  return (
    <Page
      title={row.pluginId}
      above={<Link to="/rollouts">Rollouts</Link>}
      beside={<StateBadge look={rolloutStates[row.state]} />}
      about={<VersionStep row={row} />}
      actions={<RolloutActions row={row} />}
    >
      {row.message && (
        <div class="callout" data-tone={row.state === 'COMPLETED' ? 'warn' : 'bad'}>
          <p>
            <strong>Why it halted or went back.</strong> <Message text={row.message} />
          </p>
        </div>
      )}
      <StepsCard rolloutId={row.id} changes={changes} />
      <Card title="Settings">
        <Facts facts={factsOf(row)} />
      </Card>
      <Card title="Events">
        <EventList filter={filter} all={new URLSearchParams({ rollout: row.id })} />
      </Card>
    </Page>
  );
}

function factsOf(row: RolloutRowFragment) {
  return [
    ['Begun', <Time key="" at={row.createdAt} />],
    [
      isUnderWay(row) ? 'Waits for the absent until' : 'Ended',
      <Time key="" at={isUnderWay(row) ? (row.rollbackDeadlineAt ?? row.deadlineAt) : row.endedAt} />,
    ],
    ['By', row.actor],
    ...(row.deploymentId
      ? [
          [
            'Deployment',
            <Link key="" to={`/deployments/${row.deploymentId}`}>
              {row.deploymentId}
            </Link>,
          ] as const,
        ]
      : []),
    ['Domain', row.domainId],
    ['Canary', canaryText(row)],
    ['At the same time', row.maxUnavailable],
    ['May fail', row.maxFailures === 0 ? 'none' : row.maxFailures],
    ['Past that it', row.onFailure === 'PAUSE' ? 'pauses' : 'rolls back'],
    [
      'A step is done',
      `after ${durationText(row.minHealthySeconds)} Active, within ${durationText(row.healthyDeadlineSeconds)}`,
    ],
    ['Only supervisors with', <Labels key="" labels={row.labels} />],
    [
      'Id',
      <span key="" class="mono">
        {row.id}
      </span>,
    ],
  ] as const;
}

function canaryText({ canary }: RolloutRowFragment) {
  if (canary === null) return 'none';
  const { count, promotedAt, autoPromoteSeconds } = canary;
  if (promotedAt) {
    return (
      <>
        {count}, promoted <Time at={promotedAt} />
      </>
    );
  }
  return autoPromoteSeconds === null ? `${count}, then it waits` : `${count}, then ${durationText(autoPromoteSeconds)}`;
}
