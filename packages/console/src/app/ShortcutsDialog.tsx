import { Dialog } from '../ui/Dialog.tsx';
import { Check } from '../ui/Field.tsx';
import type { Dialogs } from './dialogs.ts';
import { navigationEntries } from './routes.tsx';
import { useServices } from './services.ts';

/** The keys, and the switch for those that are single letters. */
export function ShortcutsDialog({ onClose }: { readonly onClose: () => void }) {
  const { shortcuts } = useServices().preferences;
  const lines: readonly (readonly [keys: readonly string[], act: string])[] = [
    [['/'], 'Search'],
    ...navigationEntries.flat().flatMap(({ key, title }) => (key ? [[['g', key], `Go to ${title}`] as const] : [])),
    [['j'], 'Next row'],
    [['k'], 'Row before'],
    [['x'], 'Choose the row'],
    [['Enter'], 'Open the row'],
    [['Esc'], 'Close'],
    [['?'], 'These keys'],
  ];
  return (
    <Dialog title="Keyboard shortcuts" onClose={onClose}>
      <div class="dialog-body">
        <dl class="keys">
          {lines.map(([keys, act]) => (
            <div key={act}>
              <dt>{act}</dt>
              <dd>
                {keys.map((key) => (
                  <kbd key={key}>{key}</kbd>
                ))}
              </dd>
            </div>
          ))}
        </dl>
        <Check
          label="Single keys do something"
          hint="Switch them off if you dictate, or press keys by accident."
          checked={shortcuts.value === 'on'}
          onChange={(isOn) => {
            shortcuts.value = isOn ? 'on' : 'off';
          }}
        />
      </div>
    </Dialog>
  );
}

/** Shows the keys. */
export function showShortcuts(dialogs: Dialogs): void {
  dialogs.show((close) => <ShortcutsDialog onClose={close} />);
}
