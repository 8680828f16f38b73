import { Waves } from 'lucide';
import { useChangeTick } from '../../data/useChangeTick.ts';
import { useRead } from '../../data/useRead.ts';
import { type DrainLeftQuery, drainLeft, type SupervisorRowFragment } from '../../generated/operations.ts';
import { Empty, Failure, Loading } from '../../ui/Feedback.tsx';
import { NameCell } from '../../ui/NameCell.tsx';
import { Card, Facts } from '../../ui/Page.tsx';
import { StateBadge } from '../../ui/StateBadge.tsx';
import { drainStates, pluginStates, wordOf } from '../../ui/states.ts';
import { type Column, Table } from '../../ui/Table.tsx';
import { Time } from '../../ui/Time.tsx';

type Left = NonNullable<NonNullable<DrainLeftQuery['supervisor']>['drain']>['left']['nodes'][number];

const refreshMs = 2_000;

/** How far a drain has come, and which plugins are left. */
export function DrainTab({ row: { id, drain } }: { readonly row: SupervisorRowFragment }) {
  const tick = useChangeTick(refreshMs, { supervisors: { id: { eq: id } }, plugins: { supervisorId: { eq: id } } });
  const read = useRead(drainLeft, { id }, tick);
  const state = read.state.value;
  if (drain === null) return <Empty title="Not drained" icon={Waves} />;
  if (state.kind === 'loading') return <Loading />;
  if (state.kind === 'error') return <Failure error={state.error} onRetry={read.refresh} />;
  const left = state.result.supervisor?.drain?.left.nodes ?? [];
  return (
    <>
      <Card>
        <Facts
          facts={[
            ['Drain', <StateBadge key="" look={drainStates[drain.state]} />],
            ['Started', <Time key="" at={drain.startedAt} />],
            ['Deadline', <Time key="" at={drain.deadlineAt} never="None" />],
            ['Ended', <Time key="" at={drain.endedAt} never="Not yet" />],
            ['After an undrain', drain.keepsCordon ? 'stays cordoned' : 'takes plugins again'],
          ]}
        />
      </Card>
      {left.length === 0 ? (
        <Empty title="Nothing is left" icon={Waves}>
          All plugins that can be moved have been.
        </Empty>
      ) : (
        <Table caption="Plugins that are left" columns={columns} rows={left} idOf={({ plugin }) => plugin.id} />
      )}
    </>
  );
}

const columns: readonly Column<Left>[] = [
  {
    name: 'plugin',
    title: 'Left',
    grows: true,
    cell: ({ plugin }) => <NameCell to={`/plugins/${plugin.id}`} name={plugin.pluginId} sub={plugin.version} isMono />,
  },
  { name: 'reason', title: 'Because', cell: ({ reason }) => wordOf(reason) },
  {
    name: 'replacement',
    title: 'Replacement',
    from: 'tablet',
    cell: ({ replacement }) =>
      replacement ? (
        <span class="name-cell">
          <StateBadge look={pluginStates[replacement.state]} />
          <span class="sub">on {replacement.supervisorName}</span>
        </span>
      ) : (
        <span class="muted">–</span>
      ),
  },
];
