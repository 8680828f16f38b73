import { ShieldCheck } from 'lucide';
import { useServices } from '../../app/services.ts';
import { useRead } from '../../data/useRead.ts';
import { type BlockedHostnamesQuery, blockedHostnames, unblockHostname } from '../../generated/operations.ts';
import { useMayOperate } from '../../session/useRole.ts';
import { ActionDialog } from '../../ui/ActionDialog.tsx';
import { Button } from '../../ui/Button.tsx';
import { Empty, Failure, Loading } from '../../ui/Feedback.tsx';
import { type Column, Table } from '../../ui/Table.tsx';
import { Time } from '../../ui/Time.tsx';

type Blocked = NonNullable<BlockedHostnamesQuery['blockedHostnames']>['nodes'][number];

/** The most that are shown: it is a list that people keep by hand. */
const shown = 100;

/** The hostnames that may not report. */
export function BlockedHostnames() {
  const read = useRead(blockedHostnames, { first: shown });
  const mayOperate = useMayOperate();
  const state = read.state.value;
  if (state.kind === 'loading') return <Loading />;
  if (state.kind === 'error') return <Failure error={state.error} onRetry={read.refresh} />;
  const { nodes = [], totalCount = 0 } = state.result.blockedHostnames ?? {};
  if (nodes.length === 0) {
    return (
      <Empty title="No hostname is blocked" icon={ShieldCheck}>
        A blocked hostname may neither report nor fetch its assignments.
      </Empty>
    );
  }
  return (
    <>
      <Table
        caption="Blocked hostnames"
        columns={columnsFor(mayOperate, read.refresh)}
        rows={nodes}
        idOf={({ domainId, hostname }) => `${domainId} ${hostname}`}
      />
      {totalCount > nodes.length && (
        <p class="muted">
          The first {nodes.length} of {totalCount.toLocaleString('en-US')}.
        </p>
      )}
    </>
  );
}

function columnsFor(mayOperate: boolean, onDone: () => void): readonly Column<Blocked>[] {
  return [
    {
      name: 'hostname',
      title: 'Hostname',
      grows: true,
      cell: ({ hostname, note }) => (
        <span class="name-cell">
          {hostname}
          {note && <span class="sub">{note}</span>}
        </span>
      ),
    },
    { name: 'domain', title: 'Domain', from: 'tablet', cell: ({ domainId }) => <span class="mono">{domainId}</span> },
    { name: 'by', title: 'Blocked by', from: 'tablet', cell: ({ blockedBy }) => blockedBy },
    { name: 'at', title: 'Since', cell: ({ blockedAt }) => <Time at={blockedAt} /> },
    ...(mayOperate
      ? [{ name: 'actions', title: 'Actions', cell: (row: Blocked) => <Unblock row={row} onDone={onDone} /> }]
      : []),
  ];
}

function Unblock({ row: { hostname, domainId }, onDone }: { readonly row: Blocked; readonly onDone: () => void }) {
  const { dialogs } = useServices();
  const ask = () =>
    dialogs.show((close) => (
      <ActionDialog
        title={`Unblock ${hostname}`}
        verb="Unblock"
        document={unblockHostname}
        variables={{ input: { domainId, hostname } }}
        done={() => `${hostname} may report again.`}
        onDone={onDone}
        onClose={close}
      >
        <p>Its agents may report again. One that was deregistered comes back as a newcomer.</p>
      </ActionDialog>
    ));
  return <Button onClick={ask}>Unblock</Button>;
}
