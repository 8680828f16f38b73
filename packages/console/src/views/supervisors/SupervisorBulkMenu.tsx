import { Ban, CirclePause, CirclePlay, type IconNode, LockOpen, LogIn, Trash2, Undo2, Waves } from 'lucide';
import { useState } from 'preact/hooks';
import { useServices } from '../../app/services.ts';
import { BulkDialog } from '../../bulk/BulkDialog.tsx';
import type { BulkDocument, BulkTarget } from '../../bulk/runBulk.ts';
import {
  cordonSupervisors,
  deregisterSupervisors,
  disableSupervisors,
  drainSupervisors,
  enableSupervisors,
  registerSupervisors,
  type SupervisorFilter,
  uncordonSupervisors,
  undrainSupervisors,
} from '../../generated/operations.ts';
import { Check, Field } from '../../ui/Field.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { DeadlineField } from './DrainDialog.tsx';

type Target = BulkTarget<SupervisorFilter>;

interface BulkAction {
  readonly verb: string;
  readonly icon: IconNode;
  readonly isDangerous?: true;
  readonly consequence: string;
  readonly document: BulkDocument<Target>;
}

const bulkActions: readonly BulkAction[] = [
  {
    verb: 'Register',
    icon: LogIn,
    consequence: 'Newcomers become Enabled, under the names and labels that they proposed.',
    document: registerSupervisors,
  },
  {
    verb: 'Enable',
    icon: CirclePlay,
    consequence: 'Plugins may be placed on them again.',
    document: enableSupervisors,
  },
  {
    verb: 'Disable',
    icon: CirclePause,
    isDangerous: true,
    consequence: 'Nothing new is placed on them. The plugins that run there keep running.',
    document: disableSupervisors,
  },
  { verb: 'Cordon', icon: Ban, consequence: 'Nothing new is placed on them.', document: cordonSupervisors },
  {
    verb: 'Uncordon',
    icon: LockOpen,
    consequence: 'Plugins may be placed on them again.',
    document: uncordonSupervisors,
  },
  { verb: 'Undrain', icon: Undo2, consequence: 'Their drains end.', document: undrainSupervisors },
];

interface SupervisorBulkMenuProps {
  readonly target: () => Target;
  readonly onDone: () => void;
  /** Closes the menu. */
  readonly close: () => void;
}

/** The actions on the supervisors that are chosen. */
export function SupervisorBulkMenu({ target, onDone, close: closeMenu }: SupervisorBulkMenuProps) {
  const { dialogs } = useServices();
  const line = (verb: string, icon: IconNode, Draw: typeof DrainManyDialog, isDangerous = false) => (
    <button
      key={verb}
      type="button"
      class="menu-line"
      data-tone={isDangerous ? 'bad' : undefined}
      onClick={() => {
        closeMenu();
        const chosen = target();
        dialogs.show((close) => <Draw target={chosen} onDone={onDone} onClose={close} />);
      }}
    >
      <Icon of={icon} />
      {verb}
    </button>
  );
  return (
    <>
      {bulkActions.map((action) =>
        line(action.verb, action.icon, (props) => <SimpleManyDialog action={action} {...props} />),
      )}
      {line('Drain', Waves, DrainManyDialog)}
      {line('Deregister', Trash2, DeregisterManyDialog, true)}
    </>
  );
}

interface ManyDialogProps {
  readonly target: Target;
  readonly onDone: () => void;
  readonly onClose: () => void;
}

function SimpleManyDialog({ action, target, ...rest }: ManyDialogProps & { readonly action: BulkAction }) {
  return (
    <BulkDialog
      verb={action.verb}
      what="supervisors"
      isDangerous={action.isDangerous === true}
      document={action.document}
      input={target}
      {...rest}
    >
      <p>{action.consequence}</p>
    </BulkDialog>
  );
}

function DrainManyDialog({ target, ...rest }: ManyDialogProps) {
  const [minutes, setMinutes] = useState('');
  const [atOnce, setAtOnce] = useState('');
  const input = {
    ...target,
    ...(minutes !== '' && { deadlineSeconds: Math.round(Number(minutes) * 60) }),
    ...(atOnce !== '' && { maxParallel: Number(atOnce) }),
  };
  return (
    <BulkDialog verb="Drain" what="supervisors" isDangerous document={drainSupervisors} input={input} {...rest}>
      <p>All of them are cordoned now. Their managed plugins move to other supervisors.</p>
      <div class="columns">
        <DeadlineField minutes={minutes} onChange={setMinutes} />
        <Field label="At the same time" hint="Others wait for their turn. Empty: all at once.">
          {(ids) => (
            <input
              {...ids}
              type="number"
              min="1"
              value={atOnce}
              onInput={(event) => setAtOnce(event.currentTarget.value)}
            />
          )}
        </Field>
      </div>
    </BulkDialog>
  );
}

function DeregisterManyDialog({ target, ...rest }: ManyDialogProps) {
  const [force, setForce] = useState(false);
  const [block, setBlock] = useState(false);
  return (
    <BulkDialog
      verb="Deregister"
      what="supervisors"
      isDangerous
      isFinal
      document={deregisterSupervisors}
      input={{ ...target, force, block }}
      {...rest}
    >
      <p>The supervisors and the records of their plugins are deleted.</p>
      <Check label="Even with plugins installed" checked={force} onChange={setForce} />
      <Check label="Block the hostnames" checked={block} onChange={setBlock} />
    </BulkDialog>
  );
}
