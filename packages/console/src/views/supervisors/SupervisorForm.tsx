import { useState } from 'preact/hooks';
import type { Document } from '../../data/document.ts';
import { registerSupervisor, type SupervisorRowFragment, updateSupervisor } from '../../generated/operations.ts';
import { useIsAdmin } from '../../session/useRole.ts';
import { ActionDialog } from '../../ui/ActionDialog.tsx';
import { Check, Field } from '../../ui/Field.tsx';
import { linesOf, pairsOf } from '../../ui/pairs.ts';
import { SupervisorLine } from './simpleActions.tsx';

interface SupervisorFormProps {
  readonly row: SupervisorRowFragment;
  /** Registers a newcomer with these fields, or changes them of one that is registered. */
  readonly isNewcomer: boolean;
  readonly onClose: () => void;
}

/** The fields of a supervisor that operators set. */
export function SupervisorForm({ row, isNewcomer, onClose }: SupervisorFormProps) {
  const isAdmin = useIsAdmin();
  const [name, setName] = useState(row.name);
  const [labels, setLabels] = useState(linesOf(row.labels));
  const [tags, setTags] = useState(linesOf(row.tags));
  const [priority, setPriority] = useState(String(row.priority));
  const [isPublic, setPublic] = useState(row.isPublic);
  const parsed = { labels: pairsOf(labels), tags: pairsOf(tags) };
  const problem = parsed.labels.problem ?? parsed.tags.problem ?? (name.trim() === '' ? 'expected a name' : null);
  const input = {
    supervisorId: row.id,
    name: name.trim(),
    labels: parsed.labels.pairs,
    tags: parsed.tags.pairs,
    priority: Number(priority || '0'),
    ...(isPublic !== row.isPublic && { isPublic }),
  };
  const document: Document<unknown, { readonly input: typeof input }> = isNewcomer
    ? registerSupervisor
    : updateSupervisor;
  const verb = isNewcomer ? 'Register' : 'Save';
  return (
    <ActionDialog
      title={`${isNewcomer ? 'Register' : 'Edit'} ${row.name}`}
      verb={verb}
      document={document}
      variables={{ input }}
      problem={problem}
      done={() => `${name.trim()} is ${isNewcomer ? 'registered' : 'saved'}.`}
      onClose={onClose}
    >
      <SupervisorLine row={row} />
      {isNewcomer && <p>Once registered it is Enabled, and plugins may be placed on it.</p>}
      <div class="columns">
        <Field label="Name">
          {(ids) => <input {...ids} required value={name} onInput={(event) => setName(event.currentTarget.value)} />}
        </Field>
        <Field label="Priority" hint="Plugins are placed on the greatest first.">
          {(ids) => (
            <input
              {...ids}
              type="number"
              step="1"
              value={priority}
              onInput={(event) => setPriority(event.currentTarget.value)}
            />
          )}
        </Field>
      </div>
      <div class="columns">
        <Field label="Labels" hint="One key=value a line. Placement asks for them.">
          {(ids) => (
            <textarea
              {...ids}
              rows={4}
              spellcheck={false}
              value={labels}
              onInput={(event) => setLabels(event.currentTarget.value)}
            />
          )}
        </Field>
        <Field label="Tags" hint="One key=value a line. For people alone.">
          {(ids) => (
            <textarea
              {...ids}
              rows={4}
              spellcheck={false}
              value={tags}
              onInput={(event) => setTags(event.currentTarget.value)}
            />
          )}
        </Field>
      </div>
      {isAdmin && (
        <Check
          label="Public"
          hint="Plugins of other domains may be placed here, too."
          checked={isPublic}
          onChange={setPublic}
        />
      )}
      {problem && <p class="problem">{problem}</p>}
    </ActionDialog>
  );
}
