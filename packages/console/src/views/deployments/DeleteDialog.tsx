import { useState } from 'preact/hooks';
import { useServices } from '../../app/services.ts';
import { type DeploymentRowFragment, deleteDeployment, previewDeletion } from '../../generated/operations.ts';
import { ActionDialog } from '../../ui/ActionDialog.tsx';
import { Check } from '../../ui/Field.tsx';
import { PreviewList } from './PreviewList.tsx';
import { dryRunProblem, useDryRun } from './useDryRun.ts';

interface DeleteDialogProps {
  readonly row: DeploymentRowFragment;
  readonly onClose: () => void;
}

/** Deletes a deployment, with its plugins or without (C4). */
export function DeleteDialog({ row, onClose }: DeleteDialogProps) {
  const { navigation } = useServices();
  const [orphan, setOrphan] = useState(false);
  const input = { deploymentId: row.id, ...(orphan && { orphan }) };
  const run = useDryRun(previewDeletion, input);
  return (
    <ActionDialog
      title={`Delete ${row.name}`}
      verb="Delete"
      isDangerous
      typed={row.name}
      document={deleteDeployment}
      variables={{ input }}
      problem={dryRunProblem(run)}
      done={() => `${row.name} is deleted.`}
      onDone={() => navigation.go('/deployments')}
      onClose={onClose}
    >
      <p class="object-line">
        <strong>{row.pluginId}</strong> <span class="mono">{row.version}</span>{' '}
        <span class="muted">
          on {row.status.desired} supervisors of {row.domainId}
        </span>
      </p>
      <Check
        label="Leave its plugins"
        hint="They stay where they are, as plugins that were installed one by one. Otherwise they are withdrawn."
        checked={orphan}
        onChange={setOrphan}
      />
      <PreviewList run={run} isAsked />
    </ActionDialog>
  );
}
