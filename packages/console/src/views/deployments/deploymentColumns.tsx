import type { DeploymentRowFragment } from '../../generated/operations.ts';
import { Labels } from '../../ui/Labels.tsx';
import { NameCell } from '../../ui/NameCell.tsx';
import { StateBadge } from '../../ui/StateBadge.tsx';
import { wordOf } from '../../ui/states.ts';
import type { Column } from '../../ui/Table.tsx';
import { deploymentLook } from './deploymentStates.ts';
import { StatusMeter } from './StatusMeter.tsx';

/** Which supervisors a deployment is for, in words. */
export const modeText = ({ mode, count, spreadBy }: Pick<DeploymentRowFragment, 'mode' | 'count' | 'spreadBy'>) =>
  mode === 'ALL' ? 'all that match' : `${count} of those that match${spreadBy ? `, spread by ${spreadBy}` : ''}`;

/** The columns of the list of deployments. */
export const deploymentColumns: readonly Column<DeploymentRowFragment>[] = [
  {
    name: 'name',
    title: 'Deployment',
    isSortable: true,
    grows: true,
    cell: (row) => (
      <NameCell to={`/deployments/${row.id}`} name={row.name} sub={`${row.pluginId} ${row.version}`} isMono />
    ),
  },
  {
    name: 'state',
    title: 'State',
    cell: (row) => (
      <span class="name-cell">
        <StateBadge look={deploymentLook(row)} />
        {row.status.conditions.map(({ type, message }) => (
          <span key={type} class="sub" title={message}>
            {wordOf(type)}
          </span>
        ))}
      </span>
    ),
  },
  { name: 'status', title: 'Status', from: 'tablet', cell: ({ status }) => <StatusMeter status={status} /> },
  {
    name: 'for',
    title: 'Supervisors',
    from: 'desktop',
    cell: (row) => (
      <span class="name-cell">
        {modeText(row)}
        {Object.keys(row.labels).length > 0 && <Labels labels={row.labels} most={2} />}
      </span>
    ),
  },
  { name: 'domain', title: 'Domain', from: 'wide', cell: ({ domainId }) => domainId },
];
