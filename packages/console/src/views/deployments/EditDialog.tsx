import { useState } from 'preact/hooks';
import { type DeploymentRowFragment, previewUpdate, updateDeployment } from '../../generated/operations.ts';
import { ActionDialog } from '../../ui/ActionDialog.tsx';
import { TextField } from '../../ui/TextField.tsx';
import { DeploymentFields } from './DeploymentFields.tsx';
import { changeOf, deploymentProblem, formOf, wishOf } from './deploymentForm.ts';
import { PreviewList } from './PreviewList.tsx';
import { dryRunProblem, useDryRun } from './useDryRun.ts';

interface EditDialogProps {
  /** The deployment as it was when the dialog was opened: what others change meanwhile stays theirs. */
  readonly row: DeploymentRowFragment;
  readonly onClose: () => void;
}

/** Changes what a deployment asks for, once its dry run has been seen. */
export function EditDialog({ row, onClose }: EditDialogProps) {
  const [form, setForm] = useState(() => formOf(row));
  const change = changeOf(wishOf(formOf(row)), wishOf(form));
  const isChanged = Object.keys(change).length > 0;
  const problem = deploymentProblem(form) ?? (isChanged ? null : 'expected a change');
  const input = { deploymentId: row.id, ...change };
  const run = useDryRun(previewUpdate, problem === null ? input : null);
  return (
    <ActionDialog
      title={`Edit ${row.name}`}
      verb="Apply"
      isWide
      document={updateDeployment}
      variables={{ input }}
      problem={problem ?? dryRunProblem(run)}
      done={() => `${row.name} is changed.`}
      onClose={onClose}
    >
      <p class="object-line">
        <strong>{row.pluginId}</strong> <span class="muted">in {row.domainId}</span>
      </p>
      <div class="columns">
        <TextField
          label="Version"
          hint="Another one is a rollout."
          isRequired
          value={form.version}
          onChange={(version) => setForm({ ...form, version })}
        />
      </div>
      <DeploymentFields form={form} onChange={setForm} />
      {problem && isChanged && <p class="problem">{problem}</p>}
      <PreviewList run={run} isAsked={problem === null} />
    </ActionDialog>
  );
}
