import { type ReadonlySignal, signal } from '@preact/signals';

/** Which rows are chosen: by their ids, or all that match the filter on screen (K5, K10). */
export interface Selection {
  readonly ids: ReadonlySignal<ReadonlySet<string>>;
  readonly isAllMatching: ReadonlySignal<boolean>;
  /**
   * Chooses a row, or no longer.
   *
   * @param shown the rows on the page, in their order
   * @param extends_ whether all rows from the last one on get the same
   */
  toggle(id: string, shown: readonly string[], extends_: boolean): void;
  /** Chooses all rows on the page; none where all are chosen. */
  toggleShown(shown: readonly string[]): void;
  chooseAllMatching(): void;
  clear(): void;
}

export function createSelection(): Selection {
  const ids = signal<ReadonlySet<string>>(new Set());
  const isAllMatching = signal(false);
  let last: string | null = null;

  function set(next: Set<string>): void {
    isAllMatching.value = false;
    ids.value = next;
  }

  return {
    ids,
    isAllMatching,
    toggle: (id, shown, extends_) => {
      const next = new Set(ids.peek());
      const isChosen = !next.has(id);
      const from = extends_ && last !== null ? shown.indexOf(last) : -1;
      const to = shown.indexOf(id);
      const range = from === -1 || to === -1 ? [id] : shown.slice(Math.min(from, to), Math.max(from, to) + 1);
      for (const each of range) {
        if (isChosen) next.add(each);
        else next.delete(each);
      }
      last = id;
      set(next);
    },
    toggleShown: (shown) => {
      const next = new Set(ids.peek());
      const isWhole = shown.every((id) => next.has(id));
      for (const id of shown) {
        if (isWhole) next.delete(id);
        else next.add(id);
      }
      set(next);
    },
    chooseAllMatching: () => {
      isAllMatching.value = true;
    },
    clear: () => set(new Set()),
  };
}
