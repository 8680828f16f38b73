import { TriangleAlert } from 'lucide';
import { useServices } from '../../app/services.ts';
import { type FleetCountsQuery, releaseHeldSupervisors } from '../../generated/operations.ts';
import { useMayOperate } from '../../session/useRole.ts';
import { ActionDialog } from '../../ui/ActionDialog.tsx';
import { Button } from '../../ui/Button.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { Time } from '../../ui/Time.tsx';

type DomainCondition = NonNullable<FleetCountsQuery['viewer']>['conditions'][number];

/** Lasting problems of whole domains, such as leases that are held (L6), with what can be done. */
export function DomainConditions({ conditions }: { readonly conditions: readonly DomainCondition[] }) {
  const { dialogs } = useServices();
  const mayOperate = useMayOperate();
  if (conditions.length === 0) return null;
  return (
    <ul class="conditions">
      {conditions.map((condition) => (
        <li key={`${condition.domainId} ${condition.type}`} class="callout" data-tone="warn">
          <Icon of={TriangleAlert} />
          <p>
            <strong>{condition.domainId}</strong> {condition.message} <span class="muted">Since</span>{' '}
            <Time at={condition.since} />
          </p>
          {mayOperate && condition.type === 'LEASES_HELD' && (
            <Button onClick={() => dialogs.show((close) => <ReleaseDialog condition={condition} onClose={close} />)}>
              Release
            </Button>
          )}
        </li>
      ))}
    </ul>
  );
}

function ReleaseDialog({ condition, onClose }: { readonly condition: DomainCondition; readonly onClose: () => void }) {
  return (
    <ActionDialog
      title={`Release the held supervisors of ${condition.domainId}`}
      verb="Release"
      isDangerous
      document={releaseHeldSupervisors}
      variables={{ input: { domainId: condition.domainId } }}
      done={({ releaseHeldSupervisors: released }) => `${released?.count ?? 0} supervisors are disconnected now.`}
      onClose={onClose}
    >
      <p>
        Many supervisors of this domain fell silent at once, so that the network is more likely broken than they are.
        They are held as they were. Released, those that are still silent become Disconnected, and their plugins may be
        placed elsewhere.
      </p>
    </ActionDialog>
  );
}
