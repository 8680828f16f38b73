import { useServices } from '../../app/services.ts';
import { useRead } from '../../data/useRead.ts';
import { type LatestFailuresQuery, type NamesOfQuery, namesOf } from '../../generated/operations.ts';
import { Link } from '../../ui/Link.tsx';
import { StateBadge } from '../../ui/StateBadge.tsx';
import { pluginStates, supervisorStates } from '../../ui/states.ts';
import { type Column, Table } from '../../ui/Table.tsx';
import { Time } from '../../ui/Time.tsx';

type FailureEvent = NonNullable<LatestFailuresQuery['events']>['nodes'][number];
type Named = NonNullable<NonNullable<NamesOfQuery['nodes']>[number]>;

/** The latest failures, each with the name of what failed, as long as that is there. */
export function FailureList({ events }: { readonly events: readonly FailureEvent[] }) {
  const { entities } = useServices();
  const ids = [...new Set(events.flatMap((event) => idOf(event) ?? []))].sort();
  // The answer goes to the entities, where the names stay while further failures come.
  void useRead(namesOf, { ids: ids.filter((id) => entities.get(id) === undefined) }).state.value;
  const columns: readonly Column<FailureEvent>[] = [
    { name: 'at', title: 'When', cell: ({ at }) => <Time at={at} /> },
    {
      name: 'what',
      title: 'What',
      cell: (event) => <Failed event={event} named={entities.get<Named>(idOf(event) ?? '')?.value} />,
      grows: true,
    },
    { name: 'to', title: 'Became', cell: (event) => <StateBadge look={lookOf(event)} /> },
    { name: 'why', title: 'Reason', from: 'tablet', cell: (event) => <Why event={event} /> },
  ];
  return <Table caption="Latest failures" columns={columns} rows={events} idOf={({ id }) => id} />;
}

const idOf = ({ pluginInstanceId, supervisorId }: FailureEvent) => pluginInstanceId ?? supervisorId;

const lookOf = ({ to }: FailureEvent) => (to === 'DISCONNECTED' ? supervisorStates.DISCONNECTED : pluginStates.ERROR);

function Failed({ event, named }: { readonly event: FailureEvent; readonly named: Named | undefined }) {
  const id = idOf(event);
  if (named?.__typename === 'Plugin') {
    return (
      <span class="name-cell">
        <Link to={`/plugins/${named.id}`}>
          {named.pluginId} {named.version}
        </Link>
        <span class="sub">on {named.supervisorName}</span>
      </span>
    );
  }
  if (named?.__typename === 'Supervisor') {
    return (
      <span class="name-cell">
        <Link to={`/supervisors/${named.id}`}>{named.name}</Link>
      </span>
    );
  }
  // It is gone: the event itself says how it was called.
  const name = event.pluginId === null ? event.name : `${event.pluginId} ${event.version}`;
  return (
    <span class="name-cell">
      {name}
      <span class="sub mono">{id}</span>
    </span>
  );
}

/** The reason as a word, and the agent's message where there is one. */
function Why({ event: { reason, changes } }: { readonly event: FailureEvent }) {
  const message = (changes?.message as { readonly to?: unknown } | undefined)?.to;
  return (
    <span class="name-cell">
      {reason && <code>{reason}</code>}
      {typeof message === 'string' && message !== '' && <span class="sub">{message}</span>}
      {!reason && !message && <span class="muted">Reported by the agent</span>}
    </span>
  );
}
