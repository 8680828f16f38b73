import type { ReadonlySignal } from '@preact/signals';
import { Server } from 'lucide';
import { useMemo } from 'preact/hooks';
import { useServices } from '../../app/services.ts';
import { useTickedList } from '../../data/useTickedList.ts';
import { Empty } from '../../ui/Feedback.tsx';
import { ListBar } from '../../ui/ListBar.tsx';
import { LiveTable } from '../../ui/LiveTable.tsx';
import { NameCell } from '../../ui/NameCell.tsx';
import { StateBadge } from '../../ui/StateBadge.tsx';
import type { Column } from '../../ui/Table.tsx';
import { paging } from '../../url/query.ts';
import { useQuery } from '../../url/useQuery.ts';
import { pageVariables } from '../pageVariables.ts';
import { CandidateVerdict } from '../place/CandidateVerdict.tsx';
import { type Candidate, placementSource } from '../place/placementSource.ts';
import { deploymentActions } from './deploymentStates.ts';

const parts = { page: paging };

interface SupervisorsTabProps {
  readonly deploymentId: string;
  /** Moves with each change of the deployment. */
  readonly changes: ReadonlySignal<unknown>;
}

/** What a deployment does on each supervisor, and the rule by which it does nothing there. */
export function SupervisorsTab({ deploymentId, changes }: SupervisorsTabProps) {
  const services = useServices();
  const url = useQuery(parts);
  const { page } = url.query;
  const source = useMemo(
    () => placementSource(services, changes, { deploymentId, ...pageVariables(page) }),
    [services, changes, deploymentId, page],
  );
  const list = useTickedList(source);
  return (
    <>
      <ListBar list={list} what="supervisors considered" paging={page} onPage={(next) => url.change({ page: next })} />
      <LiveTable<Candidate>
        caption="Supervisors considered, those first where something is to change"
        list={list}
        columns={columns}
        empty={
          <Empty title="There is no supervisor to consider" icon={Server}>
            An agent appears with its first report; then it has to be registered.
          </Empty>
        }
      />
    </>
  );
}

const columns: readonly Column<Candidate>[] = [
  {
    name: 'name',
    title: 'Supervisor',
    cell: ({ supervisorId, name }) => <NameCell to={`/supervisors/${supervisorId}`} name={name} />,
  },
  {
    name: 'action',
    title: 'It does',
    cell: ({ action }) =>
      action ? <StateBadge look={deploymentActions[action]} /> : <span class="muted">nothing</span>,
  },
  {
    name: 'why',
    title: 'Why',
    grows: true,
    wraps: true,
    cell: (row) => (row.rejectedBy === null ? (row.message ?? null) : <CandidateVerdict row={row} />),
  },
];
