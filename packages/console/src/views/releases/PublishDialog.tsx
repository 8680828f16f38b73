import { useState } from 'preact/hooks';
import { useServices } from '../../app/services.ts';
import { publishRelease, type ReleaseRowFragment } from '../../generated/operations.ts';
import { ActionDialog } from '../../ui/ActionDialog.tsx';
import { DomainField, useDomain } from '../../ui/DomainField.tsx';
import { Check } from '../../ui/Field.tsx';
import { TextField } from '../../ui/TextField.tsx';
import { SpecFields } from './SpecFields.tsx';
import { emptySpec, formOf, specOf, specProblem } from './specForm.ts';
import './releases.css';

interface PublishDialogProps {
  /** A release to begin with; null for an empty form. */
  readonly base: ReleaseRowFragment | null;
  readonly onClose: () => void;
}

/** Publishes a release: a whole spec. */
export function PublishDialog({ base, onClose }: PublishDialogProps) {
  const { navigation } = useServices();
  const domain = useDomain(base?.domainId ?? '');
  const [isPublic, setPublic] = useState(base?.isPublic ?? false);
  const [pluginId, setPluginId] = useState(base?.pluginId ?? '');
  const [version, setVersion] = useState('');
  const [form, setForm] = useState(base ? formOf(base.spec) : emptySpec);
  const isNamed = pluginId.trim() !== '' && version.trim() !== '';
  const problem =
    (isNamed ? null : 'expected a plugin id and a version') ?? (isPublic ? null : domain.problem) ?? specProblem(form);
  return (
    <ActionDialog
      title={base ? `Publish another version of ${base.pluginId}` : 'Publish a release'}
      verb="Publish"
      isWide
      document={publishRelease}
      variables={{
        input: {
          ...(isPublic ? { isPublic } : domain.input),
          pluginId: pluginId.trim(),
          version: version.trim(),
          spec: specOf(form),
        },
      }}
      problem={problem}
      done={() => `${pluginId.trim()} ${version.trim()} is published.`}
      onDone={({ publishRelease: answer }) => answer && navigation.go(`/releases/${answer.release.id}`)}
      onClose={onClose}
    >
      <p>
        A release never changes: to change the spec, publish another version. Nothing runs it until it is placed, or a
        deployment asks for it.
      </p>
      <div class="columns">
        <TextField label="Plugin id" isRequired placeholder="flow-collector" value={pluginId} onChange={setPluginId} />
        <TextField
          label="Version"
          isRequired
          placeholder={base ? `after ${base.version}` : '1.0.0'}
          value={version}
          onChange={setVersion}
        />
        {!isPublic && <DomainField domain={domain} />}
      </div>
      {domain.isOpen && (
        <Check
          label="For all domains"
          hint="A domain’s own release of the same version comes before it."
          checked={isPublic}
          onChange={setPublic}
        />
      )}
      <SpecFields form={form} onChange={setForm} />
      {problem && isNamed && <p class="problem">{problem}</p>}
    </ActionDialog>
  );
}
