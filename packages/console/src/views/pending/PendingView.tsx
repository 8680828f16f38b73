import { LogIn, MailPlus, ShieldBan, UserRoundPlus } from 'lucide';
import { useMemo } from 'preact/hooks';
import { useServices } from '../../app/services.ts';
import { BulkDialog } from '../../bulk/BulkDialog.tsx';
import { ChosenBar, targetOf } from '../../bulk/ChosenBar.tsx';
import { useLiveList } from '../../data/useLiveList.ts';
import {
  blockHostnames,
  registerSupervisors,
  type SupervisorFilter,
  type SupervisorRowFragment,
} from '../../generated/operations.ts';
import { useMayOperate } from '../../session/useRole.ts';
import { Button } from '../../ui/Button.tsx';
import { FilterBar } from '../../ui/Filters.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { ListBar } from '../../ui/ListBar.tsx';
import { LiveTable } from '../../ui/LiveTable.tsx';
import { NoRows } from '../../ui/NoRows.tsx';
import { Page, Tabs } from '../../ui/Page.tsx';
import { createSelection, type Selection } from '../../ui/selection.ts';
import { oneOf, paging, sortedBy, text } from '../../url/query.ts';
import { useQuery } from '../../url/useQuery.ts';
import { containing } from '../filterParts.ts';
import { pageVariables } from '../pageVariables.ts';
import { supervisorSource } from '../supervisors/supervisorSource.ts';
import { BlockedHostnames } from './BlockedHostnames.tsx';
import { newcomerColumns } from './newcomerColumns.tsx';
import { PreregisterDialog } from './PreregisterDialog.tsx';

const parts = {
  tab: oneOf(['blocked']),
  q: text,
  sort: sortedBy(['created', 'name'], { column: 'created', descends: false }),
  page: paging,
};

/** Agents that have published and that nobody has registered yet: the queue of those who look after the fleet. */
export function PendingView() {
  const { dialogs } = useServices();
  const { query, href } = useQuery(parts);
  const mayOperate = useMayOperate();
  return (
    <Page
      title="Pending"
      about="Agents that have reported and wait to be registered. Until then nothing is placed on them."
      actions={
        mayOperate && (
          <Button icon={MailPlus} onClick={() => dialogs.show((close) => <PreregisterDialog onClose={close} />)}>
            Register ahead
          </Button>
        )
      }
    >
      <Tabs
        label="Newcomers and blocked hostnames"
        current={query.tab ?? 'newcomers'}
        tabs={[
          { name: 'newcomers', title: 'Newcomers', href: href({ tab: null }) },
          { name: 'blocked', title: 'Blocked hostnames', href: href({ tab: 'blocked' }) },
        ]}
      />
      {query.tab === 'blocked' ? <BlockedHostnames /> : <Newcomers />}
    </Page>
  );
}

/** Those that were never registered, whether their agents still live or not. */
function filterOf(q: string): SupervisorFilter {
  return {
    registeredAt: { isNull: true },
    ...(q !== '' && { or: [{ name: containing(q) }, { hostname: containing(q) }, { id: { eq: q } }] }),
  };
}

function Newcomers() {
  const { client, socket } = useServices();
  const { query, change, clear } = useQuery(parts);
  const { q, sort, page } = query;
  const mayOperate = useMayOperate();
  const selection = useMemo(createSelection, []);
  const source = useMemo(
    () =>
      supervisorSource(client, socket, filterOf(q), {
        orderBy: [{ field: sort.column === 'name' ? 'NAME' : 'CREATED_AT', direction: sort.descends ? 'DESC' : 'ASC' }],
        ...pageVariables(page),
      }),
    [client, socket, q, sort.column, sort.descends, page],
  );
  const list = useLiveList(source);
  const columns = useMemo(() => newcomerColumns(mayOperate), [mayOperate]);
  return (
    <>
      <FilterBar
        search={q}
        searches="Name, hostname or id"
        onSearch={(typed) => change({ q: typed })}
        isSet={q !== ''}
        onClear={clear}
      />
      <ListBar
        list={list}
        what="newcomers"
        paging={page}
        onPage={(next) => change({ page: next })}
        chosen={
          mayOperate &&
          selection.ids.value.size > 0 && (
            <ChosenBar selection={selection} list={list} what="newcomers">
              {(close) => <NewcomerMenu selection={selection} q={q} close={close} />}
            </ChosenBar>
          )
        }
      />
      <LiveTable<SupervisorRowFragment>
        caption="Newcomers"
        list={list}
        columns={columns}
        selection={mayOperate ? selection : undefined}
        sort={{ sorting: sort, onSort: (sorting) => change({ sort: sorting as typeof sort }) }}
        empty={
          <NoRows what="newcomer" icon={UserRoundPlus} isFiltered={q !== ''} onClear={clear}>
            Everything that reports is registered. A new agent appears here with its first report.
          </NoRows>
        }
      />
    </>
  );
}

interface NewcomerMenuProps {
  readonly selection: Selection;
  readonly q: string;
  readonly close: () => void;
}

/** What can be done to the newcomers that are chosen. */
function NewcomerMenu({ selection, q, close: closeMenu }: NewcomerMenuProps) {
  const { dialogs } = useServices();
  const register = () => {
    const input = targetOf(selection, filterOf(q));
    closeMenu();
    dialogs.show((close) => (
      <BulkDialog
        verb="Register"
        what="newcomers"
        document={registerSupervisors}
        input={input}
        onDone={selection.clear}
        onClose={close}
      >
        <p>They become Enabled, under the names and labels that they proposed, and plugins may be placed on them.</p>
      </BulkDialog>
    ));
  };
  const block = () => {
    const input = targetOf(selection, filterOf(q));
    closeMenu();
    dialogs.show((close) => (
      <BulkDialog
        verb="Block"
        what="hostnames"
        isDangerous
        document={blockHostnames}
        input={input}
        onDone={selection.clear}
        onClose={close}
      >
        <p>Their agents may no longer report, nor fetch their assignments, until the hostnames are unblocked.</p>
      </BulkDialog>
    ));
  };
  return (
    <>
      <button type="button" class="menu-line" onClick={register}>
        <Icon of={LogIn} />
        Register
      </button>
      <button type="button" class="menu-line" data-tone="bad" onClick={block}>
        <Icon of={ShieldBan} />
        Block hostnames
      </button>
    </>
  );
}
