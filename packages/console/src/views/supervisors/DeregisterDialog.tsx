import { useState } from 'preact/hooks';
import { useServices } from '../../app/services.ts';
import { deregisterSupervisor, type SupervisorRowFragment } from '../../generated/operations.ts';
import { ActionDialog } from '../../ui/ActionDialog.tsx';
import { Check } from '../../ui/Field.tsx';
import { SupervisorLine } from './simpleActions.tsx';

interface DeregisterDialogProps {
  readonly row: SupervisorRowFragment;
  readonly onClose: () => void;
}

/** Deletes a supervisor. */
export function DeregisterDialog({ row, onClose }: DeregisterDialogProps) {
  const { navigation } = useServices();
  const [force, setForce] = useState(false);
  const [block, setBlock] = useState(false);
  return (
    <ActionDialog
      title={`Deregister ${row.name}`}
      verb="Deregister"
      isDangerous
      typed={row.name}
      document={deregisterSupervisor}
      variables={{ input: { supervisorId: row.id, force, block } }}
      done={() => `${row.name} is deregistered.`}
      onDone={() => navigation.go('/supervisors')}
      onClose={onClose}
    >
      <SupervisorLine row={row} />
      <p>The supervisor and the record of its plugins are deleted. If its agent reports again, it is a newcomer.</p>
      <Check
        label="Even with plugins installed"
        hint="Otherwise it is refused while managed plugins are there."
        checked={force}
        onChange={setForce}
      />
      <Check
        label="Block the hostname"
        hint="Its agent may not report again until the hostname is unblocked."
        checked={block}
        onChange={setBlock}
      />
    </ActionDialog>
  );
}
