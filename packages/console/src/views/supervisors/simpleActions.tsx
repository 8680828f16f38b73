import { Ban, CirclePause, CirclePlay, type IconNode, KeyRound, LockOpen, Undo2 } from 'lucide';
import type { ComponentChildren } from 'preact';
import type { Document } from '../../data/document.ts';
import {
  cordonSupervisor,
  disableSupervisor,
  enableSupervisor,
  resetSupervisorSecret,
  type SupervisorRowFragment,
  uncordonSupervisor,
  undrainSupervisor,
} from '../../generated/operations.ts';
import { ActionDialog } from '../../ui/ActionDialog.tsx';

/** An action on one supervisor that needs nothing but a yes. */
export interface SimpleAction {
  readonly verb: string;
  readonly icon: IconNode;
  readonly isOffered: (row: SupervisorRowFragment) => boolean;
  readonly isForAdmins?: true;
  readonly isDangerous?: true;
  /** Says what follows. */
  readonly consequence: ComponentChildren;
  readonly document: Document<unknown, { readonly input: { readonly supervisorId: string } }>;
  /** The words after success, behind the name. */
  readonly done: string;
}

const isDraining = ({ drain }: SupervisorRowFragment) => drain?.state === 'DRAINING' || drain?.state === 'QUEUED';

export const simpleActions: readonly SimpleAction[] = [
  {
    verb: 'Enable',
    icon: CirclePlay,
    isOffered: ({ state, registeredAt }) => state === 'DISABLED' || (state === 'DISCONNECTED' && registeredAt !== null),
    consequence: 'Plugins may be placed on it again. It gets a fresh lease, within which its agent has to report.',
    document: enableSupervisor,
    done: 'is enabled.',
  },
  {
    verb: 'Disable',
    icon: CirclePause,
    isOffered: ({ state, registeredAt }) => state === 'ENABLED' || (state === 'DISCONNECTED' && registeredAt !== null),
    isDangerous: true,
    consequence: 'Nothing new is placed on it. The plugins that run there keep running, and are served as before.',
    document: disableSupervisor,
    done: 'is disabled.',
  },
  {
    verb: 'Cordon',
    icon: Ban,
    isOffered: ({ cordoned }) => !cordoned,
    consequence: 'Nothing new is placed on it. Everything else stays as it is, until it is uncordoned.',
    document: cordonSupervisor,
    done: 'is cordoned.',
  },
  {
    verb: 'Uncordon',
    icon: LockOpen,
    isOffered: (row) => row.cordoned && !isDraining(row),
    consequence: 'Plugins may be placed on it again.',
    document: uncordonSupervisor,
    done: 'is uncordoned.',
  },
  {
    verb: 'Undrain',
    icon: Undo2,
    isOffered: ({ drain }) => drain !== null,
    consequence:
      'The drain ends, and plugins may be placed on it again, unless it was cordoned before. Plugins that have been moved stay where they are now.',
    document: undrainSupervisor,
    done: 'is no longer drained.',
  },
  {
    verb: 'Reset secret',
    icon: KeyRound,
    isOffered: () => true,
    isForAdmins: true,
    isDangerous: true,
    consequence: 'Its secret is forgotten: the next report of its agent fixes a new one, whoever sends it.',
    document: resetSupervisorSecret,
    done: 'has no secret now; its next report fixes one.',
  },
];

interface SimpleDialogProps {
  readonly action: SimpleAction;
  readonly row: SupervisorRowFragment;
  readonly onClose: () => void;
}

/** Asks for a yes. */
export function SimpleDialog({ action, row, onClose }: SimpleDialogProps) {
  return (
    <ActionDialog
      title={`${action.verb} ${row.name}`}
      verb={action.verb}
      isDangerous={action.isDangerous === true}
      document={action.document}
      variables={{ input: { supervisorId: row.id } }}
      done={() => `${row.name} ${action.done}`}
      onClose={onClose}
    >
      <SupervisorLine row={row} />
      <p>{action.consequence}</p>
    </ActionDialog>
  );
}

/** Says which supervisor it is about, and how it is. */
export function SupervisorLine({ row }: { readonly row: SupervisorRowFragment }) {
  return (
    <p class="object-line">
      <strong>{row.name}</strong> <span class="muted">{row.hostname}</span>
    </p>
  );
}
