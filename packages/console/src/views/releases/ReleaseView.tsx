import { Archive, Crosshair, Package, PackagePlus } from 'lucide';
import { useMemo } from 'preact/hooks';
import { useServices } from '../../app/services.ts';
import { useChangeTick } from '../../data/useChangeTick.ts';
import { useLiveList } from '../../data/useLiveList.ts';
import { useTickedList } from '../../data/useTickedList.ts';
import type { PluginRowFragment, ReleaseRowFragment } from '../../generated/operations.ts';
import { useMayOperate } from '../../session/useRole.ts';
import { Button } from '../../ui/Button.tsx';
import { Empty } from '../../ui/Feedback.tsx';
import { Link } from '../../ui/Link.tsx';
import { ListBar } from '../../ui/ListBar.tsx';
import { LiveObject } from '../../ui/LiveObject.tsx';
import { LiveTable } from '../../ui/LiveTable.tsx';
import { Card, Facts, Page } from '../../ui/Page.tsx';
import { StateBadge } from '../../ui/StateBadge.tsx';
import { Time } from '../../ui/Time.tsx';
import { paging } from '../../url/query.ts';
import { useQuery } from '../../url/useQuery.ts';
import { pageVariables } from '../pageVariables.ts';
import { instanceColumns } from '../plugins/instanceColumns.tsx';
import { pluginSource } from '../plugins/pluginSource.ts';
import { PublishDialog } from './PublishDialog.tsx';
import { RetireDialog } from './RetireDialog.tsx';
import { releaseSource } from './releaseSource.ts';
import { releaseLook } from './releaseStates.ts';
import { SpecFacts } from './SpecFacts.tsx';
import './releases.css';

const refreshMs = 2_000;
const parts = { page: paging };

/** One release: its spec, and who runs it. */
export function ReleaseView({ id }: { readonly id: string }) {
  const services = useServices();
  const tick = useChangeTick(refreshMs);
  const source = useMemo(
    () => releaseSource(services, tick, { filter: { id: { eq: id } }, first: 1 }),
    [services, tick, id],
  );
  const list = useTickedList(source);
  return (
    <LiveObject<ReleaseRowFragment>
      list={list}
      id={id}
      title="Release"
      what="release"
      icon={Package}
      backTo="/releases"
    >
      {(row) => <Release row={row} />}
    </LiveObject>
  );
}

function Release({ row }: { readonly row: ReleaseRowFragment }) {
  return (
    <Page
      title={row.pluginId}
      above={<Link to="/releases">Releases</Link>}
      beside={<StateBadge look={releaseLook(row)} />}
      about={<span class="mono">{row.version}</span>}
      actions={<ReleaseActions row={row} />}
    >
      <Card title="Spec">
        <SpecFacts spec={row.spec} />
      </Card>
      <Card title="Publication">
        <Facts facts={factsOf(row)} />
      </Card>
      <h2>Who runs it</h2>
      <Runners row={row} />
    </Page>
  );
}

function ReleaseActions({ row }: { readonly row: ReleaseRowFragment }) {
  const { dialogs, navigation } = useServices();
  if (!useMayOperate()) return null;
  const { pluginId, version, domainId, retiredAt } = row;
  const place = new URLSearchParams({ plugin: pluginId, version, ...(domainId && { domain: domainId }) });
  return (
    <>
      {retiredAt === null && (
        <Button kind="primary" icon={Crosshair} onClick={() => navigation.go('/place', place)}>
          Place it
        </Button>
      )}
      <Button icon={PackagePlus} onClick={() => dialogs.show((close) => <PublishDialog base={row} onClose={close} />)}>
        Publish another version
      </Button>
      {retiredAt === null && (
        <Button icon={Archive} onClick={() => dialogs.show((close) => <RetireDialog row={row} onClose={close} />)}>
          Retire
        </Button>
      )}
    </>
  );
}

/** The plugins of its version: of its domain, or, of a public release, of all that may be seen. */
function Runners({ row: { pluginId, version, domainId } }: { readonly row: ReleaseRowFragment }) {
  const { client, socket } = useServices();
  const url = useQuery(parts);
  const { page } = url.query;
  const source = useMemo(
    () =>
      pluginSource(
        client,
        socket,
        {
          pluginId: { eq: pluginId },
          version: { eq: version },
          ...(domainId !== null && { domainId: { eq: domainId } }),
        },
        { orderBy: [{ field: 'CREATED_AT', direction: 'DESC' }], ...pageVariables(page) },
      ),
    [client, socket, pluginId, version, domainId, page],
  );
  const list = useLiveList(source);
  return (
    <>
      <ListBar list={list} what="plugins" paging={page} onPage={(next) => url.change({ page: next })} />
      <LiveTable<PluginRowFragment>
        caption="Plugins of this version"
        list={list}
        columns={instanceColumns}
        empty={
          <Empty title="Nobody runs it" icon={Package}>
            Place it, or have a deployment ask for this version.
          </Empty>
        }
      />
    </>
  );
}

function factsOf(row: ReleaseRowFragment) {
  return [
    ['For', row.domainId ?? 'all domains'],
    ['Published', <Time key="" at={row.createdAt} />],
    ['By', row.createdBy],
    ['Retired', <Time key="" at={row.retiredAt} never="No" />],
    ...(row.retiredBy ? [['Retired by', row.retiredBy] as const] : []),
    [
      'Id',
      <span key="" class="mono">
        {row.id}
      </span>,
    ],
  ] as const;
}
