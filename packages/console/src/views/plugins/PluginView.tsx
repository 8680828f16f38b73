import { Blocks } from 'lucide';
import { useMemo } from 'preact/hooks';
import { useServices } from '../../app/services.ts';
import { useLiveList } from '../../data/useLiveList.ts';
import type { PluginRowFragment } from '../../generated/operations.ts';
import { Copy } from '../../ui/Copy.tsx';
import { Empty } from '../../ui/Feedback.tsx';
import { Link } from '../../ui/Link.tsx';
import { LiveObject } from '../../ui/LiveObject.tsx';
import { Card, Facts, Page } from '../../ui/Page.tsx';
import { Time } from '../../ui/Time.tsx';
import { EventList } from '../events/EventList.tsx';
import { PluginActions } from './PluginActions.tsx';
import { PluginBadges } from './PluginBadges.tsx';
import { pluginSource } from './pluginSource.ts';

/** One plugin on one supervisor. */
export function PluginView({ id }: { readonly id: string }) {
  const { client, socket } = useServices();
  const source = useMemo(() => pluginSource(client, socket, { id: { eq: id } }, { first: 1 }), [client, socket, id]);
  const list = useLiveList(source);
  return (
    <LiveObject<PluginRowFragment> list={list} id={id} title="Plugin" what="plugin" icon={Blocks} backTo="/plugins">
      {(row) => <Plugin row={row} />}
    </LiveObject>
  );
}

function Plugin({ row }: { readonly row: PluginRowFragment }) {
  const filter = useMemo(() => ({ pluginInstanceId: { eq: row.id } }), [row.id]);
  return (
    <Page
      title={row.pluginId}
      above={<Link to="/plugins">Plugins</Link>}
      beside={<PluginBadges row={row} />}
      about={
        <>
          <span class="mono">{row.version}</span> on{' '}
          <Link to={`/supervisors/${row.supervisorId}`}>{row.supervisorName}</Link>
        </>
      }
      actions={<PluginActions row={row} />}
    >
      {(row.message || row.reason) && row.state !== 'ACTIVE' && (
        <div class="callout" data-tone={row.state === 'ERROR' ? 'bad' : 'warn'}>
          <p>
            {row.reason && <code>{row.reason}</code>} {row.message}
          </p>
        </div>
      )}
      <Card title="Now">
        <Facts facts={factsOf(row)} />
      </Card>
      <Card title="Endpoints">
        {row.endpoints.length === 0 ? (
          <Empty title="No endpoint">A plugin has endpoints once its agent reports it Active.</Empty>
        ) : (
          <ul class="endpoints">
            {row.endpoints.map((endpoint) => (
              <li key={endpoint}>
                <code>{endpoint}</code>
                <Copy text={endpoint} what="the endpoint" />
              </li>
            ))}
          </ul>
        )}
      </Card>
      <Card title="Events">
        <EventList
          filter={filter}
          scope={{ supervisors: null, plugins: { id: { eq: row.id } } }}
          all={new URLSearchParams({ plugin: row.id })}
        />
      </Card>
    </Page>
  );
}

function factsOf(row: PluginRowFragment) {
  return [
    ['In this state', <Time key="" at={row.stateChangedAt} />],
    ['Attempt', row.attempt],
    ['Next attempt', <Time key="" at={row.nextAttemptAt} />],
    ['Wish', `generation ${row.generation}, reached ${row.observedGeneration}`],
    ['Domain', row.domainId],
    ['Created', <Time key="" at={row.createdAt} />],
    [
      'Id',
      <span key="" class="mono">
        {row.id}
      </span>,
    ],
  ] as const;
}
