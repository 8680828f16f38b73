import { navigationEntries } from './routes.tsx';
import { showShortcuts } from './ShortcutsDialog.tsx';
import type { Services } from './services.ts';

/** A second key counts within this time after `g`. */
const sequenceMs = 1_500;

/** Listens to single keys: not while somebody types, nor in a dialog, nor where they are switched off. */
export function openShortcuts(services: Services): () => void {
  const { navigation, preferences, dialogs } = services;
  let goesUntil = 0;

  function onKey(event: KeyboardEvent): void {
    const { key, target } = event;
    if (event.ctrlKey || event.metaKey || event.altKey || preferences.shortcuts.value === 'off') return;
    if (isTyping(target) || dialogs.open.value !== null) return;
    const goes = performance.now() < goesUntil;
    goesUntil = 0;
    if (goes) {
      const entry = navigationEntries.flat().find((each) => each.key === key);
      if (entry) navigation.go(entry.path);
      return;
    }
    const act = actions[key];
    if (act === undefined) return;
    event.preventDefault();
    act();
  }

  const actions: Readonly<Record<string, () => void>> = {
    g: () => {
      goesUntil = performance.now() + sequenceMs;
    },
    '/': () => document.querySelector<HTMLElement>('[data-search]')?.focus(),
    '?': () => showShortcuts(dialogs),
    j: () => moveBy(1),
    k: () => moveBy(-1),
    x: () => focusedRow()?.querySelector<HTMLElement>('.choice input')?.click(),
  };

  document.addEventListener('keydown', onKey);
  return () => document.removeEventListener('keydown', onKey);
}

const isTyping = (target: EventTarget | null) =>
  target instanceof HTMLElement &&
  (target.matches('input:not([type=checkbox]), textarea, select') || target.isContentEditable);

const focusedRow = () => document.activeElement?.closest<HTMLElement>('tbody tr') ?? null;

/** Moves the focus to the link of another row; Enter opens it. */
function moveBy(step: number): void {
  const rows = [...document.querySelectorAll<HTMLElement>('tbody tr')];
  const focused = focusedRow();
  const from = focused ? rows.indexOf(focused) : step > 0 ? -1 : rows.length;
  const row = rows[Math.min(rows.length - 1, Math.max(0, from + step))];
  row?.querySelector<HTMLElement>('th a, th button')?.focus();
}
