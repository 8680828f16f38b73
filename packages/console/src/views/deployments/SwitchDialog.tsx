import { type DeploymentRowFragment, updateDeployment } from '../../generated/operations.ts';
import { ActionDialog } from '../../ui/ActionDialog.tsx';

/** A change of a deployment that needs nothing but a yes. */
export interface Switch {
  readonly verb: string;
  readonly consequence: string;
  /** The words after success, behind the name. */
  readonly done: string;
  readonly change: (row: DeploymentRowFragment) => { readonly isPaused?: boolean; readonly version?: string };
}

export const pause: Switch = {
  verb: 'Pause',
  consequence: 'Nothing new is begun: no install, no withdrawal, no step of a rollout. What runs keeps running.',
  done: 'is paused.',
  change: () => ({ isPaused: true }),
};

export const resume: Switch = {
  verb: 'Resume',
  consequence: 'What was held back goes on: installs, withdrawals and its rollout.',
  done: 'goes on.',
  change: () => ({ isPaused: false }),
};

export const askAgain: Switch = {
  verb: 'Ask for the version again',
  consequence:
    'Its last rollout did not get through. A new one begins to the same version, from the supervisors that lack it.',
  done: 'tries its version again.',
  change: ({ version }) => ({ version }),
};

interface SwitchDialogProps {
  readonly to: Switch;
  readonly row: DeploymentRowFragment;
  readonly onClose: () => void;
}

/** Asks for a yes. */
export function SwitchDialog({ to, row, onClose }: SwitchDialogProps) {
  return (
    <ActionDialog
      title={`${to.verb}: ${row.name}`}
      verb={to.verb}
      document={updateDeployment}
      variables={{ input: { deploymentId: row.id, ...to.change(row) } }}
      done={() => `${row.name} ${to.done}`}
      onClose={onClose}
    >
      <p class="object-line">
        <strong>{row.pluginId}</strong> <span class="mono">{row.version}</span>{' '}
        <span class="muted">in {row.domainId}</span>
      </p>
      <p>{to.consequence}</p>
    </ActionDialog>
  );
}
