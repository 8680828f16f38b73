import { LogIn, ShieldBan } from 'lucide';
import { useServices } from '../../app/services.ts';
import type { SupervisorRowFragment } from '../../generated/operations.ts';
import { Button } from '../../ui/Button.tsx';
import { Labels } from '../../ui/Labels.tsx';
import { NameCell } from '../../ui/NameCell.tsx';
import type { Column } from '../../ui/Table.tsx';
import { Time } from '../../ui/Time.tsx';
import { SupervisorBadges } from '../supervisors/SupervisorBadges.tsx';
import { SupervisorForm } from '../supervisors/SupervisorForm.tsx';
import { BlockDialog } from './BlockDialog.tsx';

/** The columns of the newcomers. @param hasActions whether each can be registered and blocked */
export function newcomerColumns(hasActions: boolean): readonly Column<SupervisorRowFragment>[] {
  return [
    {
      name: 'name',
      title: 'Proposed name',
      isSortable: true,
      grows: true,
      cell: ({ id, name, hostname }) => <NameCell to={`/supervisors/${id}`} name={name} sub={hostname} />,
    },
    { name: 'state', title: 'State', from: 'tablet', cell: (row) => <SupervisorBadges row={row} /> },
    {
      name: 'labels',
      title: 'Proposed labels',
      from: 'desktop',
      cell: ({ labels }) => <Labels labels={labels} most={3} />,
    },
    { name: 'domain', title: 'Domain', from: 'wide', cell: ({ domainId }) => <span class="mono">{domainId}</span> },
    {
      name: 'created',
      title: 'First seen',
      isSortable: true,
      from: 'tablet',
      cell: ({ createdAt }) => <Time at={createdAt} />,
    },
    ...(hasActions
      ? [{ name: 'actions', title: 'Actions', cell: (row: SupervisorRowFragment) => <RowActions row={row} /> }]
      : []),
  ];
}

function RowActions({ row }: { readonly row: SupervisorRowFragment }) {
  const { dialogs } = useServices();
  return (
    <span class="row-actions">
      <Button
        icon={LogIn}
        onClick={() => dialogs.show((close) => <SupervisorForm row={row} isNewcomer onClose={close} />)}
      >
        Register
      </Button>
      <Button
        kind="quiet"
        icon={ShieldBan}
        aria-label={`Block ${row.hostname}`}
        onClick={() => dialogs.show((close) => <BlockDialog row={row} onClose={close} />)}
      />
    </span>
  );
}
