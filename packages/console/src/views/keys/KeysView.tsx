import { FileKey, KeyRound, UserPlus } from 'lucide';
import { useMemo } from 'preact/hooks';
import { useServices } from '../../app/services.ts';
import { useChangeTick } from '../../data/useChangeTick.ts';
import { useTickedList } from '../../data/useTickedList.ts';
import type { KeyRowFragment } from '../../generated/operations.ts';
import { useMayOperate } from '../../session/useRole.ts';
import { Empty } from '../../ui/Feedback.tsx';
import { FilterBar } from '../../ui/Filters.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { ListBar } from '../../ui/ListBar.tsx';
import { LiveTable } from '../../ui/LiveTable.tsx';
import { Menu } from '../../ui/Menu.tsx';
import { NoRows } from '../../ui/NoRows.tsx';
import { Page } from '../../ui/Page.tsx';
import { paging, text } from '../../url/query.ts';
import { useQuery } from '../../url/useQuery.ts';
import { pageVariables } from '../pageVariables.ts';
import { AgentTokenDialog } from './AgentTokenDialog.tsx';
import { ApiKeyDialog } from './ApiKeyDialog.tsx';
import { EnrollmentKeyDialog } from './EnrollmentKeyDialog.tsx';
import { keyColumns } from './keyColumns.tsx';
import { keySource } from './keySource.ts';
import { useIsOpenServer } from './useIsOpenServer.ts';
import './keys.css';

const parts = { domain: text, page: paging };
const refreshMs = 5_000;

/** The credentials that Muster has made: who may do what, and until when. */
export function KeysView() {
  const mayOperate = useMayOperate();
  return (
    <Page
      title="Keys"
      about="Credentials of people, programs and agents. The server keeps their hashes alone."
      actions={mayOperate && <MakeMenu />}
    >
      {mayOperate ? (
        <KeyList />
      ) : (
        <Empty title="You may not see keys" icon={KeyRound}>
          An operator of your domain, or an administrator, makes and revokes them.
        </Empty>
      )}
    </Page>
  );
}

function KeyList() {
  const services = useServices();
  const { session } = services;
  const isOpenServer = useIsOpenServer();
  const url = useQuery(parts);
  const { query } = url;
  const tick = useChangeTick(refreshMs);
  const state = session.state.value;
  const seesAll = state.kind === 'signed-in' && state.viewer.domainId === null;
  const source = useMemo(
    () =>
      keySource(services, tick, {
        ...(query.domain !== '' && { domainId: query.domain }),
        ...pageVariables(query.page),
      }),
    [services, tick, query],
  );
  const list = useTickedList(source);
  return (
    <>
      {isOpenServer && (
        <div class="callout" data-tone="warn">
          <p>
            <strong>The server runs open.</strong> Everybody who reaches it is an administrator, until the first key is
            made.
          </p>
        </div>
      )}
      {seesAll && (
        <FilterBar
          search={query.domain}
          searches="Exact domain"
          onSearch={(domain) => url.change({ domain })}
          isSet={url.isSet}
          onClear={url.clear}
        />
      )}
      <ListBar list={list} what="keys" paging={query.page} onPage={(page) => url.change({ page })} />
      <LiveTable<KeyRowFragment>
        caption="Keys, the newest first"
        list={list}
        columns={keyColumns}
        empty={
          <NoRows what="key" icon={KeyRound} isFiltered={url.isSet} onClear={url.clear}>
            Make the first one: from then on everybody needs a credential.
          </NoRows>
        }
      />
    </>
  );
}

/** The kinds of credentials that can be made. */
function MakeMenu() {
  const { dialogs } = useServices();
  const isOpenServer = useIsOpenServer();
  const kinds = [
    {
      title: 'API key',
      about: 'For a person, a program or an agent',
      icon: KeyRound,
      draw: (close: () => void) => <ApiKeyDialog onClose={close} />,
    },
    // An enrollment key must not be the one that closes an open server.
    ...(isOpenServer
      ? []
      : [
          {
            title: 'Enrollment key',
            about: 'Brings new agents in, and nothing else',
            icon: UserPlus,
            draw: (close: () => void) => <EnrollmentKeyDialog onClose={close} />,
          },
        ]),
    {
      title: 'Agent’s token',
      about: 'A JWT, for agents that take nothing else',
      icon: FileKey,
      draw: (close: () => void) => <AgentTokenDialog onClose={close} />,
    },
  ];
  return (
    <Menu label="Make a key" icon={KeyRound} align="end">
      {(close) =>
        kinds.map(({ title, about, icon, draw }) => (
          <button
            key={title}
            type="button"
            class="menu-line"
            onClick={() => {
              close();
              dialogs.show(draw);
            }}
          >
            <Icon of={icon} />
            <span class="name-cell">
              {title}
              <span class="sub">{about}</span>
            </span>
          </button>
        ))
      }
    </Menu>
  );
}
