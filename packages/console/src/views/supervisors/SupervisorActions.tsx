import { Ellipsis, type IconNode, LogIn, PackagePlus, Pencil, Trash2, Waves } from 'lucide';
import type { DrawDialog } from '../../app/dialogs.ts';
import { useServices } from '../../app/services.ts';
import type { SupervisorRowFragment } from '../../generated/operations.ts';
import { useIsAdmin, useMayOperate } from '../../session/useRole.ts';
import { Button } from '../../ui/Button.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { Menu } from '../../ui/Menu.tsx';
import { InstallDialog } from '../plugins/InstallDialog.tsx';
import { DeregisterDialog } from './DeregisterDialog.tsx';
import { DrainDialog } from './DrainDialog.tsx';
import { SupervisorForm } from './SupervisorForm.tsx';
import { SimpleDialog, simpleActions } from './simpleActions.tsx';

interface Offer {
  readonly title: string;
  readonly icon: IconNode;
  readonly isDangerous: boolean;
  readonly draw: DrawDialog;
}

/** The actions on a supervisor that its state and the viewer's role allow (K15). */
export function SupervisorActions({ row }: { readonly row: SupervisorRowFragment }) {
  const { dialogs } = useServices();
  const mayOperate = useMayOperate();
  const isAdmin = useIsAdmin();
  if (!mayOperate) return null;
  const [first, ...others] = offersOf(row, isAdmin);
  if (first === undefined) return null;
  return (
    <>
      <Button kind="primary" icon={first.icon} onClick={() => dialogs.show(first.draw)}>
        {first.title}
      </Button>
      <Menu label="Actions" icon={Ellipsis} align="end">
        {(close) =>
          others.map(({ title, icon, isDangerous, draw }) => (
            <button
              key={title}
              type="button"
              class="menu-line"
              data-tone={isDangerous ? 'bad' : undefined}
              onClick={() => {
                close();
                dialogs.show(draw);
              }}
            >
              <Icon of={icon} />
              {title}
            </button>
          ))
        }
      </Menu>
    </>
  );
}

/** The most likely action first. */
function offersOf(row: SupervisorRowFragment, isAdmin: boolean): Offer[] {
  const offer = (title: string, icon: IconNode, draw: DrawDialog, isDangerous = false): Offer => ({
    title,
    icon,
    isDangerous,
    draw,
  });
  const isNewcomer = row.registeredAt === null;
  const simple = simpleActions
    .filter(({ isOffered, isForAdmins }) => isOffered(row) && (isAdmin || !isForAdmins))
    .map((action) =>
      offer(action.verb, action.icon, (close) => <SimpleDialog action={action} row={row} onClose={close} />),
    );
  const form: DrawDialog = (close) => <SupervisorForm row={row} isNewcomer={isNewcomer} onClose={close} />;
  return [
    ...(isNewcomer ? [offer('Register', LogIn, form)] : []),
    ...(row.state === 'ENABLED'
      ? [offer('Install plugin', PackagePlus, (close) => <InstallDialog supervisor={row} onClose={close} />)]
      : []),
    ...(isNewcomer ? [] : [offer('Edit', Pencil, form)]),
    ...simple,
    offer('Drain', Waves, (close) => <DrainDialog row={row} onClose={close} />),
    offer('Deregister', Trash2, (close) => <DeregisterDialog row={row} onClose={close} />, true),
  ];
}
