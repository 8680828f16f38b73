import { useState } from 'preact/hooks';
import { useServices } from '../../app/services.ts';
import { installPlugin, type SupervisorRowFragment } from '../../generated/operations.ts';
import { ActionDialog } from '../../ui/ActionDialog.tsx';
import { Field } from '../../ui/Field.tsx';

interface InstallDialogProps {
  /** The supervisor to install it on. */
  readonly supervisor: SupervisorRowFragment;
  readonly onClose: () => void;
}

/** Installs a plugin on a supervisor. */
export function InstallDialog({ supervisor, onClose }: InstallDialogProps) {
  const { navigation } = useServices();
  const [pluginId, setPluginId] = useState('');
  const [version, setVersion] = useState('');
  const problem = pluginId.trim() === '' || version.trim() === '' ? 'expected a plugin id and a version' : null;
  return (
    <ActionDialog
      title={`Install a plugin on ${supervisor.name}`}
      verb="Install"
      document={installPlugin}
      variables={{
        input: {
          domainId: supervisor.domainId,
          supervisorId: supervisor.id,
          pluginId: pluginId.trim(),
          version: version.trim(),
        },
      }}
      problem={problem}
      done={({ installPlugin: answer }) =>
        answer?.changed ? `${pluginId} is on its way to ${supervisor.name}.` : `${pluginId} was there already.`
      }
      onDone={({ installPlugin: answer }) => answer && navigation.go(`/plugins/${answer.plugin.id}`)}
      onClose={onClose}
    >
      <p>Its agent fetches the plugin with its next report, and starts it. It stays pinned to this supervisor.</p>
      <div class="columns">
        <Field label="Plugin id">
          {(ids) => (
            <input
              {...ids}
              required
              spellcheck={false}
              placeholder="plugin-aws-ec2-inven-collector"
              value={pluginId}
              onInput={(event) => setPluginId(event.currentTarget.value)}
            />
          )}
        </Field>
        <Field label="Version">
          {(ids) => (
            <input
              {...ids}
              required
              spellcheck={false}
              placeholder="1.2.3"
              value={version}
              onInput={(event) => setVersion(event.currentTarget.value)}
            />
          )}
        </Field>
      </div>
    </ActionDialog>
  );
}
