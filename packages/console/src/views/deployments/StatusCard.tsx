import type { DeploymentRowFragment } from '../../generated/operations.ts';
import { Link } from '../../ui/Link.tsx';
import { Card } from '../../ui/Page.tsx';
import { StateBadge } from '../../ui/StateBadge.tsx';
import { rolloutStates } from '../rollouts/rolloutStates.ts';
import { VersionStep } from '../rollouts/VersionStep.tsx';
import { StatusMeter } from './StatusMeter.tsx';

/** How far a deployment is, in numbers, and its last rollout. */
export function StatusCard({ row: { status, rollout } }: { readonly row: DeploymentRowFragment }) {
  const numbers = [
    ['Desired', status.desired],
    ['Active', status.active],
    ['Updating', status.updating],
    ['Failed', status.failed],
  ] as const;
  return (
    <Card>
      <div class="card-body status-card">
        <dl class="status-numbers">
          {numbers.map(([name, count]) => (
            <div key={name} class={name === 'Failed' && count > 0 ? 'bad' : undefined}>
              <dt>{name}</dt>
              <dd>{count.toLocaleString('en-US')}</dd>
            </div>
          ))}
        </dl>
        <StatusMeter status={status} />
        {rollout && (
          <p class="last-rollout">
            <span class="muted">Last rollout</span> <VersionStep row={rollout} />{' '}
            <StateBadge look={rolloutStates[rollout.state]} /> <Link to={`/rollouts/${rollout.id}`}>Look at it</Link>
          </p>
        )}
      </div>
    </Card>
  );
}
