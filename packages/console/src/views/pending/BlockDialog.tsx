import { useState } from 'preact/hooks';
import { blockHostname, type SupervisorRowFragment } from '../../generated/operations.ts';
import { ActionDialog } from '../../ui/ActionDialog.tsx';
import { Field } from '../../ui/Field.tsx';

interface BlockDialogProps {
  readonly row: SupervisorRowFragment;
  readonly onClose: () => void;
}

/** Bars a hostname from reporting. */
export function BlockDialog({ row: { hostname, domainId }, onClose }: BlockDialogProps) {
  const [note, setNote] = useState('');
  return (
    <ActionDialog
      title={`Block ${hostname}`}
      verb="Block"
      isDangerous
      document={blockHostname}
      variables={{ input: { domainId, hostname, ...(note.trim() !== '' && { note: note.trim() }) } }}
      done={() => `${hostname} is blocked.`}
      onClose={onClose}
    >
      <p>Its agents may no longer report, nor fetch their assignments, until it is unblocked.</p>
      <Field label="Why" hint="Shown beside the hostname.">
        {(ids) => (
          <input {...ids} maxLength={255} value={note} onInput={(event) => setNote(event.currentTarget.value)} />
        )}
      </Field>
    </ActionDialog>
  );
}
