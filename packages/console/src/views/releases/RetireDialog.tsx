import { type ReleaseRowFragment, retireRelease } from '../../generated/operations.ts';
import { ActionDialog } from '../../ui/ActionDialog.tsx';

interface RetireDialogProps {
  readonly row: ReleaseRowFragment;
  readonly onClose: () => void;
}

/** Retires a release, for good. */
export function RetireDialog({ row, onClose }: RetireDialogProps) {
  return (
    <ActionDialog
      title={`Retire ${row.pluginId} ${row.version}`}
      verb="Retire"
      isDangerous
      typed={row.version}
      document={retireRelease}
      variables={{ input: { releaseId: row.id } }}
      done={() => `${row.pluginId} ${row.version} is retired.`}
      onClose={onClose}
    >
      <p class="object-line">
        <strong>{row.pluginId}</strong> <span class="mono">{row.version}</span>{' '}
        <span class="muted">for {row.domainId ?? 'all domains'}</span>
      </p>
      <p>
        It is placed no more, on any supervisor, by anybody. What runs of it keeps running. Retiring is for good: the
        same version can’t be published again.
      </p>
    </ActionDialog>
  );
}
