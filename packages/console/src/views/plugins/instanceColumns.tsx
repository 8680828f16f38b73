import type { PluginRowFragment } from '../../generated/operations.ts';
import { NameCell } from '../../ui/NameCell.tsx';
import type { Column } from '../../ui/Table.tsx';
import { Time } from '../../ui/Time.tsx';
import { PluginBadges } from './PluginBadges.tsx';

/** The columns of the plugins of one deployment, or of one version: named by their supervisors. */
export const instanceColumns: readonly Column<PluginRowFragment>[] = [
  {
    name: 'supervisor',
    title: 'On',
    grows: true,
    cell: ({ id, supervisorName, message, reason, state }) => (
      <NameCell to={`/plugins/${id}`} name={supervisorName} sub={state === 'ACTIVE' ? '' : message || reason} />
    ),
  },
  { name: 'state', title: 'State', cell: (row) => <PluginBadges row={row} /> },
  { name: 'version', title: 'Version', from: 'tablet', cell: ({ version }) => <span class="mono">{version}</span> },
  { name: 'attempt', title: 'Attempt', isNumeric: true, from: 'wide', cell: ({ attempt }) => attempt },
  {
    name: 'changed',
    title: 'In this state',
    from: 'desktop',
    cell: ({ stateChangedAt }) => <Time at={stateChangedAt} />,
  },
];
