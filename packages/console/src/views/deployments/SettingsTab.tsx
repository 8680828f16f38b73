import type { DeploymentRowFragment } from '../../generated/operations.ts';
import { Labels } from '../../ui/Labels.tsx';
import { Card, Facts } from '../../ui/Page.tsx';
import { Time } from '../../ui/Time.tsx';
import { durationText } from '../../ui/timeText.ts';
import { modeText } from './deploymentColumns.tsx';

/** What a deployment asks for, in full. */
export function SettingsTab({ row }: { readonly row: DeploymentRowFragment }) {
  const { rolloutSettings: rollout } = row;
  return (
    <>
      <Card title="What it asks for">
        <Facts
          facts={[
            ['Plugin', row.pluginId],
            ['Version', row.version],
            ['On', modeText(row)],
            ['Labels', <Labels key="" labels={row.labels} />],
            ['Filter', row.filter ? <code key="">{JSON.stringify(row.filter)}</code> : 'none'],
            ['Public supervisors of others', row.allowPublic ? 'yes' : 'no'],
            ['Changed at the same time', row.maxUnavailable],
            [
              'Replaced when away',
              row.replaceAfterSeconds === null ? 'never' : `after ${durationText(row.replaceAfterSeconds)}`,
            ],
            ['Domain', row.domainId],
            ['Created', <Time key="" at={row.createdAt} />],
            ['By', row.actor],
            [
              'Id',
              <span key="" class="mono">
                {row.id}
              </span>,
            ],
          ]}
        />
      </Card>
      <Card title="How a change of version goes">
        <Facts
          facts={[
            ['Canaries', canaryText(rollout.canary)],
            ['May fail', rollout.maxFailures === 0 ? 'none' : rollout.maxFailures],
            ['Past that it', rollout.onFailure === 'PAUSE' ? 'pauses' : 'rolls back'],
            [
              'A step is done',
              `after ${durationText(rollout.minHealthySeconds)} Active, within ${durationText(rollout.healthyDeadlineSeconds)}`,
            ],
            ['Waits for the absent', durationText(rollout.deadlineSeconds)],
          ]}
        />
      </Card>
    </>
  );
}

function canaryText(canary: DeploymentRowFragment['rolloutSettings']['canary']): string {
  if (canary === null) return 'none';
  const { count, autoPromoteSeconds } = canary;
  return autoPromoteSeconds === null ? `${count}, then it waits` : `${count}, then ${durationText(autoPromoteSeconds)}`;
}
