import type { RolloutRowFragment } from '../../generated/operations.ts';
import { ActionDialog } from '../../ui/ActionDialog.tsx';
import { StateBadge } from '../../ui/StateBadge.tsx';
import type { RolloutCommand } from './rolloutCommands.ts';
import { rolloutStates } from './rolloutStates.ts';
import { VersionStep } from './VersionStep.tsx';

interface RolloutDialogProps {
  readonly command: RolloutCommand;
  readonly row: RolloutRowFragment;
  readonly onClose: () => void;
}

/** Asks before a command is given to a rollout. */
export function RolloutDialog({ command, row, onClose }: RolloutDialogProps) {
  const { verb, document, consequence, done, ends } = command;
  return (
    <ActionDialog
      title={`${verb} the rollout of ${row.pluginId}`}
      verb={verb === 'Cancel' ? 'Cancel rollout' : verb}
      isDangerous={ends === true}
      {...(ends && { typed: row.pluginId })}
      document={document}
      variables={{ input: { rolloutId: row.id } }}
      done={() => done}
      onClose={onClose}
    >
      <p class="object-line">
        <strong>{row.pluginId}</strong> <VersionStep row={row} /> <StateBadge look={rolloutStates[row.state]} />
      </p>
      <p>{consequence}</p>
    </ActionDialog>
  );
}
