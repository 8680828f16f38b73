import { CirclePause, CirclePlay, Pencil, RotateCw, Trash2 } from 'lucide';
import type { DrawDialog } from '../../app/dialogs.ts';
import { useServices } from '../../app/services.ts';
import type { DeploymentRowFragment } from '../../generated/operations.ts';
import { useMayOperate } from '../../session/useRole.ts';
import { Button } from '../../ui/Button.tsx';
import { DeleteDialog } from './DeleteDialog.tsx';
import { EditDialog } from './EditDialog.tsx';
import { askAgain, pause, resume, type Switch, SwitchDialog } from './SwitchDialog.tsx';

/** The actions on a deployment that its state and the viewer's role allow (K15). */
export function DeploymentActions({ row }: { readonly row: DeploymentRowFragment }) {
  const { dialogs } = useServices();
  if (!useMayOperate()) return null;
  const switchTo =
    (to: Switch): DrawDialog =>
    (close) => <SwitchDialog to={to} row={row} onClose={close} />;
  const isHalted = row.status.conditions.some(({ type }) => type === 'ROLLOUT_HALTED');
  return (
    <>
      <Button
        kind="primary"
        icon={Pencil}
        onClick={() => dialogs.show((close) => <EditDialog row={row} onClose={close} />)}
      >
        Edit
      </Button>
      {isHalted && (
        <Button icon={RotateCw} onClick={() => dialogs.show(switchTo(askAgain))}>
          Ask again
        </Button>
      )}
      <Button
        icon={row.isPaused ? CirclePlay : CirclePause}
        onClick={() => dialogs.show(switchTo(row.isPaused ? resume : pause))}
      >
        {row.isPaused ? 'Resume' : 'Pause'}
      </Button>
      <Button icon={Trash2} onClick={() => dialogs.show((close) => <DeleteDialog row={row} onClose={close} />)}>
        Delete
      </Button>
    </>
  );
}
