import { useMemo } from 'preact/hooks';
import { useServices } from '../../app/services.ts';
import type { Entity } from '../../data/entities.ts';
import { useRead } from '../../data/useRead.ts';
import { type EventRowFragment, type NamesOfQuery, namesOf } from '../../generated/operations.ts';
import { Link } from '../../ui/Link.tsx';
import { Message } from '../../ui/Message.tsx';
import { wordOf } from '../../ui/states.ts';
import { type Column, Table } from '../../ui/Table.tsx';
import { Time } from '../../ui/Time.tsx';
import { StateStep } from './StateStep.tsx';

type Named = Entity & NonNullable<NonNullable<NamesOfQuery['nodes']>[number]>;

interface EventTableProps {
  readonly caption: string;
  readonly events: readonly EventRowFragment[];
  /** Whether each event names its object. */
  readonly namesObjects?: boolean;
  /** The URL of the moment of an event, if there is one. */
  readonly linkOf?: (id: string) => string | undefined;
}

/** Events as rows, each with what changed. */
export function EventTable({ caption, events, namesObjects = false, linkOf }: EventTableProps) {
  const { entities } = useServices();
  const ids = namesObjects
    ? [...new Set(events.flatMap(idOf))].filter((id) => entities.get(id) === undefined).sort()
    : [];
  // The answer goes to the entities, where the names stay while further events come.
  void useRead(namesOf, { ids }).state.value;
  const columns = useMemo(
    () => [atColumn(linkOf), ...(namesObjects ? [object] : []), ...others],
    [linkOf, namesObjects],
  );
  return <Table caption={caption} columns={columns} rows={events} idOf={({ id }) => id} />;
}

const idOf = ({ pluginInstanceId, supervisorId }: EventRowFragment) => pluginInstanceId ?? supervisorId ?? [];

const atColumn = (linkOf?: EventTableProps['linkOf']): Column<EventRowFragment> => ({
  name: 'at',
  title: 'When',
  cell: ({ id, at }) => {
    const href = linkOf?.(id);
    return href === undefined ? (
      <Time at={at} />
    ) : (
      <a class="plain" href={href} title="A link to this moment">
        <Time at={at} />
      </a>
    );
  },
});

const object: Column<EventRowFragment> = {
  name: 'object',
  title: 'Object',
  cell: (event) => <EventObject event={event} />,
};

const others: readonly Column<EventRowFragment>[] = [
  {
    name: 'kind',
    title: 'Event',
    cell: ({ kind, from, to }) => (
      <span class="name-cell">
        {wordOf(kind)}
        <StateStep from={from} to={to} />
      </span>
    ),
  },
  {
    name: 'changes',
    title: 'Changes',
    from: 'desktop',
    grows: true,
    cell: ({ changes, reason }) => (
      <span class="name-cell">
        {reason && <code>{reason}</code>}
        {changes && (
          <span class="sub" title={changesText(changes)}>
            <Message text={changesText(changes)} />
          </span>
        )}
      </span>
    ),
  },
  { name: 'actor', title: 'By', from: 'tablet', cell: ({ actor }) => actor ?? <span class="muted">–</span> },
];

function EventObject({ event }: { readonly event: EventRowFragment }) {
  const { entities } = useServices();
  const { pluginInstanceId, supervisorId, rolloutId, deploymentId, releaseId, apiKeyId, blockedHostname } = event;
  const id = pluginInstanceId ?? supervisorId;
  const named = id === null ? undefined : entities.get<Named>(id)?.value;
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
  // It is gone, or has a page that the event alone leads to: the event itself says how it was called.
  const name = event.pluginId === null ? event.name : [event.pluginId, event.version].filter(Boolean).join(' ');
  const shownId = id ?? rolloutId ?? deploymentId ?? releaseId ?? apiKeyId ?? blockedHostname;
  const view = id === null ? viewOf(event) : null;
  return (
    <span class="name-cell">
      {view === null ? name : <Link to={view}>{name ?? shownId}</Link>}
      <span class={name === null ? 'mono muted' : 'sub mono'}>{shownId}</span>
    </span>
  );
}

/** The page of an object that has no name among the entities. */
function viewOf({ rolloutId, deploymentId, releaseId }: EventRowFragment): string | null {
  if (rolloutId !== null) return `/rollouts/${rolloutId}`;
  if (deploymentId !== null) return `/deployments/${deploymentId}`;
  return releaseId === null ? null : `/releases/${releaseId}`;
}

const longest = 140;

/** Which fields became what: `endpoint grpc://…, message none`. The state has a place for itself. */
function changesText(changes: Readonly<Record<string, unknown>>): string {
  const parts = Object.entries(changes)
    .filter(([field]) => field !== 'state')
    .map(([field, change]) => `${field} → ${valueText((change as { readonly to?: unknown } | null)?.to)}`);
  const text = parts.join(', ');
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}

function valueText(value: unknown): string {
  if (value === null || value === undefined || value === '') return 'none';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
