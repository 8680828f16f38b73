import { signal } from '@preact/signals';
import { Layers } from 'lucide';
import { useMemo } from 'preact/hooks';
import { useServices } from '../../app/services.ts';
import { useLiveList } from '../../data/useLiveList.ts';
import type { DeploymentRowFragment } from '../../generated/operations.ts';
import { Link } from '../../ui/Link.tsx';
import { LiveObject } from '../../ui/LiveObject.tsx';
import { Card, Page, Tabs } from '../../ui/Page.tsx';
import { StateBadge } from '../../ui/StateBadge.tsx';
import { oneOf } from '../../url/query.ts';
import { useQuery } from '../../url/useQuery.ts';
import { EventList } from '../events/EventList.tsx';
import { ConditionList } from './ConditionList.tsx';
import { DeploymentActions } from './DeploymentActions.tsx';
import { deploymentSource } from './deploymentSource.ts';
import { deploymentLook } from './deploymentStates.ts';
import { InstancesTab } from './InstancesTab.tsx';
import { SettingsTab } from './SettingsTab.tsx';
import { StatusCard } from './StatusCard.tsx';
import { SupervisorsTab } from './SupervisorsTab.tsx';
import './deployments.css';

const parts = { tab: oneOf(['supervisors', 'settings', 'events']) };

/** One deployment: how far it is, why it isn't whole, and what it does on each supervisor. */
export function DeploymentView({ id }: { readonly id: string }) {
  const services = useServices();
  const changes = useMemo(() => signal(0), []);
  const source = useMemo(
    () =>
      deploymentSource(services, id, () => {
        changes.value++;
      }),
    [services, id, changes],
  );
  const list = useLiveList(source);
  return (
    <LiveObject<DeploymentRowFragment>
      list={list}
      id={id}
      title="Deployment"
      what="deployment"
      icon={Layers}
      backTo="/deployments"
    >
      {(row) => <Deployment row={row} changes={changes} />}
    </LiveObject>
  );
}

interface DeploymentProps {
  readonly row: DeploymentRowFragment;
  /** Moves with each change of it. */
  readonly changes: ReturnType<typeof signal<number>>;
}

function Deployment({ row, changes }: DeploymentProps) {
  const { query, href } = useQuery(parts);
  const tab = query.tab ?? 'plugins';
  const link = (name: (typeof query)['tab']) => href({ tab: name });
  return (
    <Page
      title={row.name}
      above={<Link to="/deployments">Deployments</Link>}
      beside={<StateBadge look={deploymentLook(row)} />}
      about={
        <span class="mono">
          {row.pluginId} {row.version}
        </span>
      }
      actions={<DeploymentActions row={row} />}
    >
      <StatusCard row={row} />
      <ConditionList conditions={row.status.conditions} rollout={row.rollout} />
      <Tabs
        label="Parts of the deployment"
        current={tab}
        tabs={[
          { name: 'plugins', title: 'Plugins', href: link(null) },
          { name: 'supervisors', title: 'Supervisors', href: link('supervisors') },
          { name: 'settings', title: 'Settings', href: link('settings') },
          { name: 'events', title: 'Events', href: link('events') },
        ]}
      />
      {tab === 'plugins' && <InstancesTab deploymentId={row.id} />}
      {tab === 'supervisors' && <SupervisorsTab deploymentId={row.id} changes={changes} />}
      {tab === 'settings' && <SettingsTab row={row} />}
      {tab === 'events' && <EventsTab id={row.id} />}
    </Page>
  );
}

function EventsTab({ id }: { readonly id: string }) {
  const filter = useMemo(() => ({ deploymentId: { eq: id } }), [id]);
  return (
    <Card>
      <EventList filter={filter} all={new URLSearchParams({ deployment: id })} />
    </Card>
  );
}
