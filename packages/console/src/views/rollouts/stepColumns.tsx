import { NameCell } from '../../ui/NameCell.tsx';
import { StateBadge } from '../../ui/StateBadge.tsx';
import type { Column } from '../../ui/Table.tsx';
import { Time } from '../../ui/Time.tsx';
import { stepStates } from './rolloutStates.ts';
import type { StepRow } from './stepSource.ts';

/** The columns of the steps of a rollout. */
export const stepColumns: readonly Column<StepRow>[] = [
  {
    name: 'supervisor',
    title: 'Supervisor',
    cell: ({ supervisorId, supervisor: { name, hostname } }) => (
      <NameCell to={`/supervisors/${supervisorId}`} name={name} sub={hostname} />
    ),
  },
  { name: 'state', title: 'State', cell: ({ state }) => <StateBadge look={stepStates[state]} /> },
  {
    name: 'message',
    title: 'Why, or what it waits for',
    from: 'tablet',
    grows: true,
    wraps: true,
    cell: ({ message }) => message ?? <span class="muted">–</span>,
  },
  { name: 'healthy', title: 'Active since', from: 'desktop', cell: ({ healthySince }) => <Time at={healthySince} /> },
  { name: 'deadline', title: 'Deadline', from: 'desktop', cell: ({ deadlineAt }) => <Time at={deadlineAt} /> },
];
