import { ListChecks } from 'lucide';
import { useMemo } from 'preact/hooks';
import { useServices } from '../../app/services.ts';
import { useChangeTick } from '../../data/useChangeTick.ts';
import { useRead } from '../../data/useRead.ts';
import {
  type AssignmentsOfQuery,
  assignmentsOf,
  type PluginRowFragment,
  pluginPage,
} from '../../generated/operations.ts';
import { Empty, Failure, Loading } from '../../ui/Feedback.tsx';
import { NameCell } from '../../ui/NameCell.tsx';
import { StateBadge } from '../../ui/StateBadge.tsx';
import { pluginStates } from '../../ui/states.ts';
import { type Column, Table } from '../../ui/Table.tsx';
import { Time } from '../../ui/Time.tsx';

type Assignment = NonNullable<AssignmentsOfQuery['assignments']>[number];

interface Comparison {
  readonly assignment: Assignment;
  readonly report: PluginRowFragment | undefined;
}

const refreshMs = 2_000;

/** The list that the agent gets, beside its reports: how far each wish has come. */
export function AssignmentsTab({ supervisorId }: { readonly supervisorId: string }) {
  const { entities } = useServices();
  const tick = useChangeTick(refreshMs, { supervisors: null, plugins: { supervisorId: { eq: supervisorId } } });
  const assigned = useRead(assignmentsOf, { supervisorId }, tick);
  const filter = useMemo(() => ({ supervisorId: { eq: supervisorId } }), [supervisorId]);
  const reported = useRead(pluginPage, { filter, first: 100 }, tick);
  const state = assigned.state.value;
  void reported.state.value;
  if (state.kind === 'loading') return <Loading />;
  if (state.kind === 'error') return <Failure error={state.error} onRetry={assigned.refresh} />;
  const rows = (state.result.assignments ?? []).map((assignment) => ({
    assignment,
    report: entities.get<PluginRowFragment>(assignment.pluginInstanceId)?.value,
  }));
  if (rows.length === 0) {
    return (
      <Empty title="Nothing is assigned" icon={ListChecks}>
        The list that the agent fetches is empty: it should run no plugin of Muster's.
      </Empty>
    );
  }
  return <Table caption="Assignments against reports" columns={columns} rows={rows} idOf={idOf} />;
}

const idOf = ({ assignment }: Comparison) => assignment.pluginInstanceId;

const columns: readonly Column<Comparison>[] = [
  {
    name: 'plugin',
    title: 'Assigned',
    grows: true,
    cell: ({ assignment: { pluginInstanceId, pluginId, version } }) => (
      <NameCell to={`/plugins/${pluginInstanceId}`} name={pluginId} sub={version} isMono />
    ),
  },
  {
    name: 'state',
    title: 'Reported',
    cell: ({ report }) => report && <StateBadge look={pluginStates[report.state]} />,
  },
  {
    name: 'generation',
    title: 'Generation',
    cell: ({ assignment: { generation }, report }) => {
      const reached = report?.observedGeneration ?? 0;
      return reached >= generation ? (
        <>{generation}, reached</>
      ) : (
        <span class="warn">
          {generation}, reached {reached}
        </span>
      );
    },
  },
  { name: 'attempt', title: 'Attempt', isNumeric: true, from: 'tablet', cell: ({ assignment }) => assignment.attempt },
  { name: 'next', title: 'Next attempt', from: 'desktop', cell: ({ report }) => <Time at={report?.nextAttemptAt} /> },
];
