import { Server } from 'lucide';
import { useMemo } from 'preact/hooks';
import { useServices } from '../../app/services.ts';
import { useLiveList } from '../../data/useLiveList.ts';
import type { SupervisorRowFragment } from '../../generated/operations.ts';
import { Labels } from '../../ui/Labels.tsx';
import { Link } from '../../ui/Link.tsx';
import { LiveObject } from '../../ui/LiveObject.tsx';
import { Card, Facts, Page, Tabs } from '../../ui/Page.tsx';
import { Time } from '../../ui/Time.tsx';
import { oneOf } from '../../url/query.ts';
import { useQuery } from '../../url/useQuery.ts';
import { EventList } from '../events/EventList.tsx';
import { AssignmentsTab } from './AssignmentsTab.tsx';
import { ConditionsTab } from './ConditionsTab.tsx';
import { DrainTab } from './DrainTab.tsx';
import { PluginsTab } from './PluginsTab.tsx';
import { SupervisorActions } from './SupervisorActions.tsx';
import { SupervisorBadges } from './SupervisorBadges.tsx';
import { supervisorSource } from './supervisorSource.ts';
import { useLastSeen } from './useLastSeen.ts';

const parts = { tab: oneOf(['assignments', 'events', 'conditions', 'drain']) };

/** One supervisor: its facts, its plugins, its history and its troubles. */
export function SupervisorView({ id }: { readonly id: string }) {
  const { client, socket } = useServices();
  const source = useMemo(
    () => supervisorSource(client, socket, { id: { eq: id } }, { first: 1 }),
    [client, socket, id],
  );
  const list = useLiveList(source);
  useLastSeen([id]);
  return (
    <LiveObject<SupervisorRowFragment>
      list={list}
      id={id}
      title="Supervisor"
      what="supervisor"
      icon={Server}
      backTo="/supervisors"
    >
      {(row) => <Supervisor row={row} />}
    </LiveObject>
  );
}

function Supervisor({ row }: { readonly row: SupervisorRowFragment }) {
  const { query, href } = useQuery(parts);
  const tab = query.tab ?? 'plugins';
  const link = (name: (typeof query)['tab']) => href({ tab: name });
  return (
    <Page
      title={row.name}
      above={<Link to="/supervisors">Supervisors</Link>}
      beside={<SupervisorBadges row={row} />}
      about={row.hostname}
      actions={<SupervisorActions row={row} />}
    >
      <Card>
        <Facts facts={factsOf(row)} />
      </Card>
      <Tabs
        label="Parts of the supervisor"
        current={tab}
        tabs={[
          { name: 'plugins', title: 'Plugins', href: link(null) },
          { name: 'assignments', title: 'Assignments', href: link('assignments') },
          { name: 'events', title: 'Events', href: link('events') },
          { name: 'conditions', title: 'Conditions', href: link('conditions'), ...countOf(row) },
          ...(row.drain ? [{ name: 'drain', title: 'Drain', href: link('drain') }] : []),
        ]}
      />
      {tab === 'plugins' && <PluginsTab supervisorId={row.id} />}
      {tab === 'assignments' && <AssignmentsTab supervisorId={row.id} />}
      {tab === 'events' && <EventsTab supervisorId={row.id} />}
      {tab === 'conditions' && <ConditionsTab conditions={row.conditions} />}
      {tab === 'drain' && <DrainTab row={row} />}
    </Page>
  );
}

/** No number is shown where there is nothing to look at. */
const countOf = ({ conditions }: SupervisorRowFragment) => (conditions.length > 0 ? { count: conditions.length } : {});

function EventsTab({ supervisorId }: { readonly supervisorId: string }) {
  const filter = useMemo(() => ({ supervisorId: { eq: supervisorId } }), [supervisorId]);
  const scope = { supervisors: { id: { eq: supervisorId } }, plugins: filter };
  return <EventList filter={filter} scope={scope} all={new URLSearchParams({ supervisor: supervisorId })} />;
}

function factsOf(row: SupervisorRowFragment) {
  return [
    ['Last seen', <Time key="" at={row.lastSeenAt} never="Never" />],
    ['Registered', <Time key="" at={row.registeredAt} never="Not yet" />],
    ['Domain', row.isPublic ? `${row.domainId}, public` : row.domainId],
    ['Priority', row.priority],
    ['Labels', <Labels key="" labels={row.labels} />],
    ['Tags', <Labels key="" labels={row.tags} />],
    ['Created', <Time key="" at={row.createdAt} />],
    [
      'Id',
      <span key="" class="mono">
        {row.id}
      </span>,
    ],
  ] as const;
}
