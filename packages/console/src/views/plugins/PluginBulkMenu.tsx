import { RotateCw, Trash2 } from 'lucide';
import { useServices } from '../../app/services.ts';
import { BulkDialog } from '../../bulk/BulkDialog.tsx';
import type { BulkTarget } from '../../bulk/runBulk.ts';
import { type PluginFilter, recoverPlugins, uninstallPlugins } from '../../generated/operations.ts';
import { Icon } from '../../ui/Icon.tsx';

interface PluginBulkMenuProps {
  readonly target: () => BulkTarget<PluginFilter>;
  readonly onDone: () => void;
  /** Closes the menu. */
  readonly close: () => void;
}

/** The actions on the plugins that are chosen. */
export function PluginBulkMenu({ target, onDone, close: closeMenu }: PluginBulkMenuProps) {
  const { dialogs } = useServices();
  const recover = () => {
    const input = target();
    closeMenu();
    dialogs.show((close) => (
      <BulkDialog verb="Recover" what="plugins" document={recoverPlugins} input={input} onDone={onDone} onClose={close}>
        <p>
          Their agents stop the plugins and install them again. Until then their endpoints are handed out to nobody.
        </p>
      </BulkDialog>
    ));
  };
  const uninstall = () => {
    const input = target();
    closeMenu();
    dialogs.show((close) => (
      <BulkDialog
        verb="Uninstall"
        what="plugins"
        isDangerous
        isFinal
        document={uninstallPlugins}
        input={input}
        onDone={onDone}
        onClose={close}
      >
        <p>They leave the lists that their agents fetch; each is gone once its agent no longer reports it.</p>
      </BulkDialog>
    ));
  };
  return (
    <>
      <button type="button" class="menu-line" onClick={recover}>
        <Icon of={RotateCw} />
        Recover
      </button>
      <button type="button" class="menu-line" data-tone="bad" onClick={uninstall}>
        <Icon of={Trash2} />
        Uninstall
      </button>
    </>
  );
}
