import type { ReleaseRowFragment } from '../../generated/operations.ts';
import { NameCell } from '../../ui/NameCell.tsx';
import { StateBadge } from '../../ui/StateBadge.tsx';
import type { Column } from '../../ui/Table.tsx';
import { Time } from '../../ui/Time.tsx';
import { makeText, releaseLook } from './releaseStates.ts';

/** The columns of a list of releases. @param countOf how many plugins run of a release; undefined while that isn't known */
export function releaseColumns(
  countOf: (row: ReleaseRowFragment) => number | undefined,
): readonly Column<ReleaseRowFragment>[] {
  return [
    {
      name: 'plugin',
      title: 'Plugin',
      isSortable: true,
      grows: true,
      cell: (row) => (
        <NameCell
          to={`/releases/${row.id}`}
          name={row.pluginId}
          sub={makeText(row.spec) ?? 'known by its agents'}
          isMono
        />
      ),
    },
    {
      name: 'version',
      title: 'Version',
      isSortable: true,
      cell: ({ version }) => <span class="mono">{version}</span>,
    },
    { name: 'state', title: 'State', cell: (row) => <StateBadge look={releaseLook(row)} /> },
    {
      name: 'running',
      title: 'Plugins',
      isNumeric: true,
      from: 'tablet',
      cell: (row) => countOf(row)?.toLocaleString('en-US'),
    },
    {
      name: 'domain',
      title: 'For',
      from: 'tablet',
      cell: ({ domainId }) => domainId ?? <span class="tag">All domains</span>,
    },
    {
      name: 'published',
      title: 'Published',
      isSortable: true,
      from: 'desktop',
      cell: ({ createdAt }) => <Time at={createdAt} />,
    },
    { name: 'by', title: 'By', from: 'wide', cell: ({ createdBy }) => createdBy },
  ];
}
