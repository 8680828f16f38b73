import type { DeploymentRowFragment } from '../../generated/operations.ts';
import { Link } from '../../ui/Link.tsx';
import { Message } from '../../ui/Message.tsx';
import { wordOf } from '../../ui/states.ts';
import { Time } from '../../ui/Time.tsx';

interface ConditionListProps {
  readonly conditions: DeploymentRowFragment['status']['conditions'];
  readonly rollout: DeploymentRowFragment['rollout'];
}

/** Why a deployment is not whole, each reason in words. */
export function ConditionList({ conditions, rollout }: ConditionListProps) {
  return (
    <>
      {conditions.map(({ type, message, since }) => (
        <div key={type} class="callout" data-tone={type === 'PAUSED' ? 'warn' : 'bad'}>
          <p>
            <strong>{wordOf(type)}.</strong> <Message text={message} />{' '}
            <span class="muted">
              since <Time at={since} />
            </span>
            {type.startsWith('ROLLOUT_') && rollout && (
              <>
                {' '}
                <Link to={`/rollouts/${rollout.id}`}>Look at the rollout</Link>
              </>
            )}
          </p>
        </div>
      ))}
    </>
  );
}
