import type { ReadonlySignal } from '@preact/signals';
import type { SupervisorRowFragment } from '../../generated/operations.ts';
import { Labels } from '../../ui/Labels.tsx';
import { NameCell } from '../../ui/NameCell.tsx';
import type { Column } from '../../ui/Table.tsx';
import { Time } from '../../ui/Time.tsx';
import { PluginCountsCell } from './PluginCountsCell.tsx';
import { SupervisorBadges } from './SupervisorBadges.tsx';
import type { PluginCounts } from './usePluginCounts.ts';

/** The columns of a list of supervisors. @param counts the plugins of those on the page */
export const supervisorColumns = (counts: ReadonlySignal<PluginCounts>): readonly Column<SupervisorRowFragment>[] => [
  {
    name: 'name',
    title: 'Name',
    isSortable: true,
    cell: ({ id, name, hostname }) => <NameCell to={`/supervisors/${id}`} name={name} sub={hostname} />,
    grows: true,
  },
  { name: 'state', title: 'State', isSortable: true, cell: (row) => <SupervisorBadges row={row} /> },
  { name: 'plugins', title: 'Plugins', from: 'tablet', cell: ({ id }) => <PluginCountsCell id={id} counts={counts} /> },
  { name: 'labels', title: 'Labels', from: 'desktop', cell: ({ labels }) => <Labels labels={labels} most={3} /> },
  { name: 'domain', title: 'Domain', from: 'wide', cell: ({ domainId }) => <span class="mono">{domainId}</span> },
  {
    name: 'priority',
    title: 'Priority',
    isSortable: true,
    isNumeric: true,
    from: 'wide',
    cell: (row) => row.priority,
  },
  {
    name: 'seen',
    title: 'Last seen',
    from: 'tablet',
    cell: ({ lastSeenAt }) => <Time at={lastSeenAt} never="Never" />,
  },
];
