import { useState } from 'preact/hooks';
import { drainSupervisor, type SupervisorRowFragment } from '../../generated/operations.ts';
import { ActionDialog } from '../../ui/ActionDialog.tsx';
import { Field } from '../../ui/Field.tsx';
import { SupervisorLine } from './simpleActions.tsx';

interface DrainDialogProps {
  readonly row: SupervisorRowFragment;
  readonly onClose: () => void;
}

/** Moves a supervisor's plugins to others. */
export function DrainDialog({ row, onClose }: DrainDialogProps) {
  const [minutes, setMinutes] = useState('');
  return (
    <ActionDialog
      title={`Drain ${row.name}`}
      verb="Drain"
      isDangerous
      document={drainSupervisor}
      variables={{
        input: { supervisorId: row.id, ...(minutes !== '' && { deadlineSeconds: Math.round(Number(minutes) * 60) }) },
      }}
      done={() => `${row.name} is being drained.`}
      onClose={onClose}
    >
      <SupervisorLine row={row} />
      <p>
        It is cordoned, and its managed plugins move to other supervisors, each once its replacement is Active. Pinned
        and unmanaged plugins stay.
      </p>
      <DeadlineField minutes={minutes} onChange={setMinutes} />
    </ActionDialog>
  );
}

interface DeadlineFieldProps {
  readonly minutes: string;
  readonly onChange: (minutes: string) => void;
}

/** By when a drain has to be over. */
export function DeadlineField({ minutes, onChange }: DeadlineFieldProps) {
  return (
    <Field
      label="Deadline in minutes"
      hint="Plugins that have not moved by then stay. Empty: it takes as long as it takes."
    >
      {(ids) => (
        <input
          {...ids}
          type="number"
          min="1"
          max="43200"
          value={minutes}
          onInput={(event) => onChange(event.currentTarget.value)}
        />
      )}
    </Field>
  );
}
