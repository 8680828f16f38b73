import { useState } from 'preact/hooks';
import { useRead } from '../../data/useRead.ts';
import { type KeyRowFragment, keysMadeWith, revokeApiKey } from '../../generated/operations.ts';
import { ActionDialog } from '../../ui/ActionDialog.tsx';
import { Check } from '../../ui/Field.tsx';
import { wordOf } from '../../ui/states.ts';
import { Time } from '../../ui/Time.tsx';

interface RevokeDialogProps {
  readonly row: KeyRowFragment;
  readonly onClose: () => void;
}

/** Revokes a key, and the keys that were made with it, if asked (A8). */
export function RevokeDialog({ row, onClose }: RevokeDialogProps) {
  const [cascade, setCascade] = useState(false);
  const state = useRead(keysMadeWith, { id: row.id }).state.value;
  const made =
    state.kind === 'ready' && state.result.node && 'madeKeys' in state.result.node ? state.result.node.madeKeys : null;
  return (
    <ActionDialog
      title={`Revoke ${row.name}`}
      verb="Revoke"
      isDangerous
      typed={row.name}
      document={revokeApiKey}
      variables={{ input: { apiKeyId: row.id, ...(cascade && { cascade }) } }}
      done={({ revokeApiKey: answer }) =>
        answer && answer.revokedMadeKeys > 0
          ? `${row.name} is revoked, and ${answer.revokedMadeKeys} keys with it.`
          : `${row.name} is revoked.`
      }
      onClose={onClose}
    >
      <p class="object-line">
        <strong>{row.name}</strong> <span class="mono muted">{row.id}</span>{' '}
        <span class="muted">
          {wordOf(row.role)}, last used <Time at={row.lastUsedAt} never="never" />
        </span>
      </p>
      <p>Whoever uses it is signed out within 5 seconds, streams included. A revoked key never works again.</p>
      {made && made.totalCount > 0 && (
        <>
          <p>
            {made.totalCount === 1 ? 'One key was' : `${made.totalCount} keys were`} made with it:{' '}
            {made.nodes.map(({ name, revokedAt }) => (revokedAt ? `${name} (revoked)` : name)).join(', ')}
            {made.totalCount > made.nodes.length ? ', …' : ''}.
          </p>
          <Check
            label="Revoke those, too"
            hint="And the keys that were made with these. Otherwise they stay."
            checked={cascade}
            onChange={setCascade}
          />
        </>
      )}
    </ActionDialog>
  );
}
