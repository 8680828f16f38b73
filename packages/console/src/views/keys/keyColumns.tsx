import { Ban } from 'lucide';
import { useServices } from '../../app/services.ts';
import type { KeyRowFragment } from '../../generated/operations.ts';
import { Button } from '../../ui/Button.tsx';
import { wordOf } from '../../ui/states.ts';
import type { Column } from '../../ui/Table.tsx';
import { Time } from '../../ui/Time.tsx';
import { KeyState } from './KeyState.tsx';
import { RevokeDialog } from './RevokeDialog.tsx';

/** The columns of the list of API keys. */
export const keyColumns: readonly Column<KeyRowFragment>[] = [
  {
    name: 'name',
    title: 'Name',
    grows: true,
    cell: ({ id, name }) => (
      <span class="name-cell">
        <strong>{name}</strong>
        <span class="sub mono">{id}</span>
      </span>
    ),
  },
  { name: 'role', title: 'May', cell: (row) => <KeyRight row={row} /> },
  { name: 'state', title: 'State', cell: (row) => <KeyState row={row} /> },
  {
    name: 'domain',
    title: 'Domain',
    from: 'tablet',
    cell: ({ domainId }) => domainId ?? <span class="tag">All domains</span>,
  },
  {
    name: 'used',
    title: 'Last used',
    from: 'desktop',
    cell: ({ lastUsedAt }) => <Time at={lastUsedAt} never="Never" />,
  },
  { name: 'ends', title: 'Ends', from: 'tablet', cell: ({ expiresAt }) => <Time at={expiresAt} never="Never" /> },
  {
    name: 'made',
    title: 'Made',
    from: 'wide',
    cell: ({ createdAt, createdBy }) => (
      <span class="name-cell">
        <Time at={createdAt} />
        <span class="sub">by {createdBy}</span>
      </span>
    ),
  },
  { name: 'revoke', title: 'Revoke', cell: (row) => <Revoke row={row} /> },
];

/** The role, and what narrows it. */
function KeyRight({ row: { role, hostname, enrollment } }: { readonly row: KeyRowFragment }) {
  if (enrollment) {
    return (
      <span class="name-cell">
        Bring newcomers in
        <span class="sub">
          {enrollment.newcomers} of {enrollment.maxNewcomers}
          {enrollment.registers ? ', registered at once' : ''}
        </span>
      </span>
    );
  }
  return (
    <span class="name-cell">
      {wordOf(role)}
      {hostname && <span class="sub">only {hostname}</span>}
    </span>
  );
}

function Revoke({ row }: { readonly row: KeyRowFragment }) {
  const { dialogs } = useServices();
  if (row.revokedAt !== null) return <span class="muted">–</span>;
  return (
    <Button
      kind="quiet"
      icon={Ban}
      aria-label={`Revoke ${row.name}`}
      onClick={() => dialogs.show((close) => <RevokeDialog row={row} onClose={close} />)}
    />
  );
}
