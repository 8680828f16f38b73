import { useState } from 'preact/hooks';
import { useServices } from '../../app/services.ts';
import { createDeployment, previewCreation } from '../../generated/operations.ts';
import { ActionDialog } from '../../ui/ActionDialog.tsx';
import { DomainField, useDomain } from '../../ui/DomainField.tsx';
import { TextField } from '../../ui/TextField.tsx';
import { DeploymentFields } from './DeploymentFields.tsx';
import { deploymentProblem, emptyDeployment, wishOf } from './deploymentForm.ts';
import { PreviewList } from './PreviewList.tsx';
import { dryRunProblem, useDryRun } from './useDryRun.ts';

/** Creates a deployment, once its dry run has been seen. */
export function CreateDialog({ onClose }: { readonly onClose: () => void }) {
  const { navigation } = useServices();
  const domain = useDomain();
  const [name, setName] = useState('');
  const [pluginId, setPluginId] = useState('');
  const [form, setForm] = useState(emptyDeployment);
  const isNamed = name.trim() !== '' && pluginId.trim() !== '';
  const problem = (isNamed ? null : 'expected a name and a plugin id') ?? domain.problem ?? deploymentProblem(form);
  const input = { ...domain.input, name: name.trim(), pluginId: pluginId.trim(), ...wishOf(form) };
  const run = useDryRun(previewCreation, problem === null ? input : null);
  return (
    <ActionDialog
      title="Create a deployment"
      verb="Create"
      isWide
      document={createDeployment}
      variables={{ input }}
      problem={problem ?? dryRunProblem(run)}
      done={() => `${name.trim()} is created.`}
      onDone={({ createDeployment: answer }) =>
        answer?.deployment && navigation.go(`/deployments/${answer.deployment.id}`)
      }
      onClose={onClose}
    >
      <div class="columns">
        <TextField label="Name" isRequired placeholder="edge-collectors" value={name} onChange={setName} />
        <TextField label="Plugin id" isRequired placeholder="flow-collector" value={pluginId} onChange={setPluginId} />
        <TextField
          label="Version"
          isRequired
          placeholder="1.0.0"
          value={form.version}
          onChange={(version) => setForm({ ...form, version })}
        />
        <DomainField domain={domain} />
      </div>
      <DeploymentFields form={form} onChange={setForm} />
      {problem && isNamed && <p class="problem">{problem}</p>}
      <PreviewList run={run} isAsked={problem === null} />
    </ActionDialog>
  );
}
